"""Train `mini-sam`, a promptable segmenter in the SAM architecture, on the mini rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from openseg.mini.measures.segmenter import segmenter_scores
from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.sam.loss import Batches, SamLoss
from openseg.mini.recipes.sam.model import build_model, build_processor
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer
from openseg.mini.recipes.warm_start import warm_start

PLAN = Plan(steps=15_000, learning_rate=1e-3, warmup=100, ema=0.998)
VALIDATION_STILLS = 20


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
    torch.manual_seed(seed)
    model, processor = build_model(), build_processor()
    if start is not None:
        warm_start(model, start)
    model.to(device)
    validation = Stills(data, "val").first(VALIDATION_STILLS)
    feed = Feed(Batches(Stills(data, "train"), seed, plan.scale), workers)
    loss = SamLoss(model)
    folder = out / "model"

    def scores(_: Any) -> dict[str, float]:
        found = segmenter_scores(loaded("sam", folder, device), validation)
        return {name: score.value for name, score in found.items()}

    return Trainer(model, plan, out, resume=resume).run(
        lambda step: loss(feed(step)), scores, lambda average: export(average, processor, folder)
    )
