"""Train `mini-vlm`, an image-text-to-text model in the LLaVA architecture, on the mini rooms.

The vision tower starts from the shipped `mini-clip` and stays as it is at first, while the
projector and the language model learn from scratch by the likelihood of short answers; then all are
trained together (Liu et al. 2023, arXiv:2304.08485, train in two such stages).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import openseg
from openseg.mini.measures.language import language_scores
from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer
from openseg.mini.recipes.vlm.batch import Packed, answer_loss
from openseg.mini.recipes.vlm.dialogues import Batches
from openseg.mini.recipes.vlm.model import build_model, build_processor, start_from_clip
from openseg.mini.recipes.vlm.tokenizer import build_tokenizer
from openseg.mini.recipes.warm_start import warm_start

PLAN = Plan(steps=30_000, learning_rate=1e-3, warmup=200, ema=0.998, report_minutes=15.0)
VALIDATION_STILLS = 12
FROZEN_STEPS = 2000
"""Steps in which the vision tower stays as it is."""


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
        start: weights to start from; without them the tower is that of the shipped `mini-clip`.
        device: where to train.
        workers: processes that make batches.
        seed: seed of weights and draws.
        resume: continue from the checkpoint in `out`.

    Returns:
        The last scores on ``val``.

    Raises:
        UserError: a split has no stills, or `start` no weights.
    """
    torch.manual_seed(seed)
    tokenizer = build_tokenizer()
    processor = build_processor(tokenizer)
    model: Any = build_model(tokenizer)
    if start is None:
        start_from_clip(model, Path(openseg.__file__).parent / "mini" / "weights" / "clip")
    else:
        warm_start(model, start, tokenizer.get_vocab())
    frozen = FROZEN_STEPS if start is None else 0
    model.to(device)
    validation = Stills(data, "val").first(VALIDATION_STILLS)
    batches = Batches(Stills(data, "train"), tokenizer, model.config.image_seq_length, seed)
    feed: Feed[list[Packed]] = Feed(batches, workers)
    folder = out / "model"

    def loss(step: int) -> dict[str, Tensor]:
        model.model.vision_tower.requires_grad_(step >= frozen)
        return {"loss_answer": answer_loss(model, feed(step))}

    def scores(_: Any) -> dict[str, float]:
        found = language_scores(loaded("vlm", folder, device), validation)
        return {name: score.value for name, score in found.items() if score.count}

    return Trainer(model, plan, out, resume=resume).run(
        loss, scores, lambda average: export(average, processor, folder)
    )
