"""Train `mini-grounding-dino`, a text-to-box detector, on the mini rooms.

The network is `GroundingDinoForObjectDetection`; what makes it learn from scratch is a start of the
scores at a small prior (`model`) and dense, one-to-many supervision (`loss`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor
from transformers import GroundingDinoForObjectDetection

from openseg.mini.measures.detector import detector_scores
from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.grounding_dino.batch import Batch, make_batch
from openseg.mini.recipes.grounding_dino.loss import detection_loss
from openseg.mini.recipes.grounding_dino.model import build_model, build_processor
from openseg.mini.recipes.grounding_dino.text import PhraseEncoder, build_tokenizer
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer, half_precision
from openseg.mini.recipes.warm_start import warm_start

PLAN = Plan(steps=25_000, learning_rate=1e-3, weight_decay=0.02, warmup=300, report_minutes=10.0)
STILLS_A_STEP = 8
VALIDATION_STILLS = 60


class Batches:
    """Makes the batch of each step.

    Args:
        stills: training stills.
        encoder: turns phrases into token ids.
        seed: seed of every draw.
        scale: times the usual batch.
    """

    def __init__(self, stills: Stills, encoder: PhraseEncoder, seed: int, scale: int = 1) -> None:
        self._count = scale * STILLS_A_STEP
        self._stills = stills
        self._encoder = encoder
        self._seed = seed

    def __call__(self, step: int) -> Batch:
        """The batch of a step; every draw depends on seed and step alone."""
        stills = self._stills.sample(step, self._count, self._seed)
        return make_batch(stills, self._encoder, np.random.default_rng((self._seed, step, 1)))


def batch_loss(model: GroundingDinoForObjectDetection, batch: Batch) -> dict[str, Tensor]:
    """Losses of one batch by name; matrix products run in bfloat16."""
    batch = batch.to(model.device)
    with half_precision(model.device):
        outputs = model(
            pixel_values=batch.pixel_values,
            input_ids=batch.input_ids,
            attention_mask=batch.attention_mask,
        )
    return detection_loss(model, outputs, batch)


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
    tokenizer = build_tokenizer()
    model, processor = build_model(len(tokenizer), seed=seed), build_processor(tokenizer)
    if start is not None:
        warm_start(model, start, tokenizer.get_vocab())
    model.to(device)
    validation = Stills(data, "val").first(VALIDATION_STILLS)
    batches = Batches(Stills(data, "train"), PhraseEncoder(tokenizer), seed, plan.scale)
    feed = Feed(batches, workers)
    folder = out / "model"

    def scores(_: Any) -> dict[str, float]:
        found = detector_scores(loaded("grounding-dino", folder, device), validation)
        return {name: score.value for name, score in found.items() if score.count}

    return Trainer(model, plan, out, resume=resume).run(
        lambda step: batch_loss(model, feed(step)),
        scores,
        lambda average: export(average, processor, folder),
    )
