"""Train `mini-mask2former`, a closed-set segmenter, on the known categories of the mini rooms.

The loss is the one that comes with the `transformers` class: Hungarian matching, cross entropy,
and mask and dice loss at sampled points, after every decoder layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from openseg.mini.measures.proposer import proposer_scores
from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.mask2former.batch import Batch, Batches
from openseg.mini.recipes.mask2former.model import build_model, build_processor
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer, half_precision
from openseg.mini.recipes.warm_start import warm_start

PLAN = Plan(steps=20_000, learning_rate=1e-3, weight_decay=0.05, warmup=300, report_minutes=10.0)
VALIDATION_STILLS = 60


def batch_loss(model: Any, batch: Batch) -> dict[str, Tensor]:
    """Losses of one batch by name; matrix products of the network run in bfloat16.

    A crop in which nothing is known teaches that there is nothing.
    """
    batch = batch.to(model.device)
    with half_precision(model.device):
        outputs = model(batch.pixels, output_auxiliary_logits=True)
    earlier = [
        {name: value.float() for name, value in layer.items()} for layer in outputs.auxiliary_logits
    ]
    losses = model.get_loss_dict(
        masks_queries_logits=outputs.masks_queries_logits.float(),
        class_queries_logits=outputs.class_queries_logits.float(),
        mask_labels=batch.masks,
        class_labels=batch.classes,
        auxiliary_predictions=earlier,
    )
    return by_kind(losses, ("cross_entropy", "mask", "dice"))


def by_kind(losses: Mapping[str, Tensor], kinds: Sequence[str]) -> dict[str, Tensor]:
    """Losses of all layers added up by what they are of.

    Args:
        losses: Each layer's losses, their names with the number of the layer.
        kinds: What they are of.
    """
    return {
        f"loss_{kind}": torch.stack([v for k, v in losses.items() if f"loss_{kind}" in k]).sum()
        for kind in kinds
    }


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
    model, processor = build_model(seed=seed), build_processor()
    if start is not None:
        warm_start(model, start)
    model.to(device)
    validation = Stills(data, "val").first(VALIDATION_STILLS)
    feed = Feed(Batches(Stills(data, "train"), seed, plan.scale), workers)
    folder = out / "model"

    def scores(_: Any) -> dict[str, float]:
        found = proposer_scores(loaded("mask2former", folder, device), validation)
        return {name: score.value for name, score in found.items() if score.count}

    return Trainer(model, plan, out, resume=resume).run(
        lambda step: batch_loss(model, feed(step)),
        scores,
        lambda average: export(average, processor, folder),
    )
