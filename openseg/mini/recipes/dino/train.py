"""Train `mini-dino`, a self-supervised image encoder in the DINOv2 architecture, on the mini rooms.

It learns without labels, from views of things across walks and from crops of stills. Walks through
training rooms are rendered beside the stills when they are not there yet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch

from openseg.mini.measures.retrieval import retrieval_scores
from openseg.mini.recipes.dino.loss import batch_loss
from openseg.mini.recipes.dino.model import Pretraining, build_processor
from openseg.mini.recipes.dino.views import Batches
from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer
from openseg.mini.recipes.walks import Walk, write_walks
from openseg.mini.recipes.warm_start import warm_start
from openseg.mini.rooms.splits import Split

PLAN = Plan(steps=6_000, learning_rate=5e-4, warmup=200, ema=0.998)
ROOMS: dict[Split, int] = {"train": 150, "val": 6}
"""Rooms of each split that are walked through."""


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
        data: folder of the rendered splits; walks are kept in its folder ``walks``.
        out: folder for log, plot, checkpoint and model.
        plan: length and optimiser settings.
        start: weights of an encoder to start from.
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
    walks = data / "walks"
    write_walks([Walk(split, k, walks) for split, rooms in ROOMS.items() for k in range(rooms)])
    model, processor = Pretraining(), build_processor()
    if start is not None:
        warm_start(model.backbone, start)
    model.to(device)
    validation = Stills(walks, "val")
    batches = Batches(Stills(data, "train"), Stills(walks, "train"), seed, plan.scale)
    feed = Feed(batches, workers)
    folder = out / "model"
    trainer = Trainer(model, plan, out, resume=resume)
    teacher = cast("Pretraining", trainer.average)

    def scores(_: Any) -> dict[str, float]:
        found = retrieval_scores(loaded("dinov2", folder, device), validation)
        return {name: score.value for name, score in found.items()}

    return trainer.run(
        lambda step: batch_loss(model, teacher, feed(step)),
        scores,
        lambda average: export(cast("Pretraining", average).backbone, processor, folder),
    )
