"""Train `mini-clip`, an image-text encoder in the CLIP architecture, on the mini rooms.

Crops and phrases are pulled together by softmax over cosine similarities in both directions
(Radford et al. 2021, arXiv:2103.00020). Every phrase that is true of a crop counts as right, among
phrases of its kind: "cup" does not compete with "red cup". Patches of whole stills learn likewise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from openseg.mini.measures.encoder import encoder_scores
from openseg.mini.recipes.claims import KINDS, ClaimKind
from openseg.mini.recipes.clip.batch import Batch, Batches
from openseg.mini.recipes.clip.dense import region_vectors
from openseg.mini.recipes.clip.model import build_model, build_processor
from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.regions import OPEN, YES
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer, half_precision
from openseg.mini.recipes.warm_start import warm_start

PLAN = Plan(steps=12_000, learning_rate=1e-3, warmup=200, ema=0.998)
VALIDATION_STILLS = 60
WEIGHTS: dict[ClaimKind, float] = {
    "pair": 1.0,
    "category": 0.3,
    "attributes": 0.3,
    "looks": 0.3,
    "function": 0.15,
    "part": 0.5,
}
"""How much the choice among the phrases of each kind counts."""
PATCH_WEIGHT = 0.5
"""How much the same choice counts for patches of whole stills."""


class ClipLoss:
    """The loss of a batch: compare all crops with all phrases."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        """Losses of one batch by name."""
        device = self._model.device
        tokens = self._tokenizer(list(batch.texts), padding=True, return_tensors="pt").to(device)
        with half_precision(device):
            images = self._model.get_image_features(pixel_values=batch.pixels.to(device))
            phrases = self._model.get_text_features(**tokens)
            patches = region_vectors(
                self._model, batch.picture_pixels.to(device), batch.pictures
            ).float()
        phrase = functional.normalize(phrases.pooler_output.float(), dim=-1)
        losses = self._choices(images.pooler_output.float(), phrase, batch.truth, batch)
        shown = self._choices(patches, phrase, batch.picture_truth.repeat(2, 1), batch)
        return losses | {"loss_patches": PATCH_WEIGHT * torch.stack([*shown.values()]).sum()}

    def _choices(
        self, vectors: Tensor, phrase: Tensor, truth: Tensor, batch: Batch
    ) -> dict[str, Tensor]:
        """Losses of what the vectors choose among the phrases of each kind, and of the reverse."""
        image = functional.normalize(vectors, dim=-1)
        logits = self._model.logit_scale.exp().clamp(max=100.0) * image @ phrase.T
        truth = truth.to(logits.device)
        logits = logits.masked_fill(truth == OPEN, -1e4)
        true = (truth == YES).float()
        losses = {}
        for number, kind in enumerate(KINDS):
            of_kind = (batch.kinds == number).to(logits.device)
            if of_kind.any():
                choice = _soft_cross_entropy(logits[:, of_kind], true[:, of_kind])
                losses[f"loss_{kind}"] = WEIGHTS[kind] * choice
        losses["loss_text"] = 0.5 * _soft_cross_entropy(logits.T, true.T)
        return losses


def _soft_cross_entropy(logits: Tensor, true: Tensor) -> Tensor:
    """Mean cross-entropy to the even distribution over what is true, of rows where anything is."""
    some = true.sum(1) > 0
    wanted = true[some] / true[some].sum(1, keepdim=True)
    return -(logits[some].log_softmax(1) * wanted).sum(1).sum() / some.sum().clamp(min=1)


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
    processor = build_processor()
    model = build_model(processor)
    if start is not None:
        warm_start(model, start, processor.tokenizer.get_vocab())
    model.to(device)
    validation = Stills(data, "val").first(VALIDATION_STILLS)
    feed = Feed(Batches(Stills(data, "train"), seed, plan.scale), workers)
    loss = ClipLoss(model, processor.tokenizer)
    folder = out / "model"

    def scores(_: Any) -> dict[str, float]:
        found = encoder_scores(loaded("clip", folder, device), validation)
        return {name: score.value for name, score in found.items() if score.count}

    return Trainer(model, plan, out, resume=resume).run(
        lambda step: loss(feed(step)), scores, lambda average: export(average, processor, folder)
    )
