"""Train `mini-sam3`, which finds all instances of a concept, on the mini rooms.

The network is `Sam3Model`; it learns from scratch by boxes that start on a grid (`model`) and by a
loss that is dense except in its last layer (`loss`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import Sam3Model

from openseg.mini.measures.concepts import concept_scores
from openseg.mini.recipes.clip.tokenizer import build_tokenizer
from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.sam3.batch import Batch, Batches
from openseg.mini.recipes.sam3.loss import concept_loss, forward
from openseg.mini.recipes.sam3.model import CONTEXT, build_model, build_processor
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer, half_precision
from openseg.mini.recipes.warm_start import warm_start

PLAN = Plan(steps=25_000, learning_rate=6e-4, weight_decay=0.05, warmup=500, report_minutes=10.0)
VALIDATION_STILLS = 30


def batch_loss(model: Sam3Model, batch: Batch) -> dict[str, Tensor]:
    """Losses of one batch by name; matrix products of the network run in bfloat16."""
    batch = batch.to(model.device)
    with half_precision(model.device):
        outputs, layers = forward(model, batch)
    return concept_loss(outputs, layers, batch)


def train(
    data: Path,
    out: Path,
    plan: Plan,
    *,
    start: Path | None = None,
    device: str = "cpu",
    workers: int = 0,
    seed: int = 0,
    resume: bool = False,
) -> dict[str, float]:
    """Train on the ``train`` split, report on ``val``, leave a loadable folder in ``out/model``.

    Args:
        data: folder of the rendered splits.
        out: folder for log, plot, checkpoint and model.
        plan: length and optimiser settings.
        start: weights to start from.
        device: where to train.
        workers: processes that make batches.
        seed: seed of weights and draws.
        resume: continue from the checkpoint in `out`.

    Returns:
        The last scores on ``val``.

    Raises:
        UserError: a split has no stills, or `start` no weights.
    """
    tokenizer = build_tokenizer(CONTEXT)
    model, processor = build_model(tokenizer, seed=seed), build_processor(tokenizer)
    if start is not None:
        warm_start(model, start, tokenizer.get_vocab())
    model.to(device)
    validation = Stills(data, "val").first(VALIDATION_STILLS)
    feed = Feed(Batches(Stills(data, "train"), tokenizer, seed, plan.scale), workers)
    folder = out / "model"

    def scores(_: Any) -> dict[str, float]:
        found = concept_scores(loaded("sam3", folder, device), validation)
        return {name: score.value for name, score in found.items() if score.count}

    return Trainer(model, plan, out, resume=resume).run(
        lambda step: batch_loss(model, feed(step)),
        scores,
        lambda average: export(average, processor, folder),
    )
