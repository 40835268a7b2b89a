"""Batches and losses of the mini SAM: focal and dice loss of masks, regression of their IoU.

Kirillov et al. 2023, Segment Anything (arXiv:2304.02643), section "Training algorithm".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from openseg.mini.recipes.sam.model import IMAGE_SIZE, PIXEL_MEAN, PIXEL_STD
from openseg.mini.recipes.sam.prompts import Kind, Prompts, correction_points, draw_prompts
from openseg.mini.recipes.stills import Still, Stills
from openseg.mini.recipes.training import half_precision

STILLS_A_STEP = 6
REGIONS_A_STILL = 6


def augment(still: Still, rng: np.random.Generator) -> Still:
    """Mirror a still and change its brightness, contrast and channel order at random.

    Boxes in the record are then no longer those of the maps.
    """
    image, ids, parts = still.image, still.ids, still.parts
    if rng.random() < 0.5:
        image, ids, parts = image[:, ::-1], ids[:, ::-1], parts[:, ::-1]
    pixels = image.astype(np.float32)
    if rng.random() < 0.3:
        # The segmenter must not care which colour a thing has.
        pixels = pixels[..., rng.permutation(3)]
    gain, lift = rng.uniform(0.8, 1.2, 3), rng.uniform(-15, 15)
    pixels = np.clip(pixels * gain + lift, 0, 255)
    maps = np.ascontiguousarray(ids), np.ascontiguousarray(parts)
    return Still(pixels.astype(np.uint8), *maps, still.record)


def pixel_values(stills: list[Still]) -> Tensor:
    """Resize and normalise square images as the processor does, float32 [b, 3, 256, 256]."""
    pixels = torch.from_numpy(np.stack([s.image for s in stills])).permute(0, 3, 1, 2)
    pixels = functional.interpolate(
        pixels.float(), size=(IMAGE_SIZE, IMAGE_SIZE), mode="bilinear", antialias=True
    )
    mean, std = torch.tensor(PIXEL_MEAN), torch.tensor(PIXEL_STD)
    return (pixels / 255.0 - mean[:, None, None]) / std[:, None, None]


@dataclass(frozen=True)
class Batch:
    """Pictures with prompts, and how they are to be answered.

    Attributes:
        pixels: float32 [b, 3, 256, 256].
        prompts: n prompts a picture.
        several: ask for three masks a prompt instead of one.
        again: predict a second time from the first mask and one correcting point.
    """

    pixels: Tensor
    prompts: Prompts
    several: bool
    again: bool


class Batches:
    """Makes the batch of each step.

    Args:
        stills: training stills.
        seed: seed of every draw.
        scale: times the usual batch.
    """

    def __init__(self, stills: Stills, seed: int, scale: int = 1) -> None:
        self._count = scale * STILLS_A_STEP
        self.stills = stills
        self.seed = seed

    def __call__(self, step: int) -> Batch:
        """The batch of a step; every draw depends on seed and step alone."""
        rng = np.random.default_rng((self.seed, step, 1))
        stills = [augment(s, rng) for s in self.stills.sample(step, self._count, self.seed)]
        kinds: tuple[Kind, ...] = ("box", "point", "points")
        kind = kinds[int(rng.choice(3, p=[0.45, 0.4, 0.15]))]
        prompts = draw_prompts(stills, REGIONS_A_STILL, kind, (self.seed, step))
        several = bool(rng.random() < (0.8 if kind == "point" else 0.4))
        return Batch(pixel_values(stills), prompts, several, again=bool(rng.random() < 0.25))


class SamLoss:
    """The loss of a batch: predict once or twice, compare."""

    def __init__(self, model: Any) -> None:
        self.model = model
        # A handful of prompt tokens against 1,024: the plain product is twice as fast on a CPU.
        model.mask_decoder.config._attn_implementation = "eager"

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        """Losses of one batch by name."""
        device = self.model.device
        prompts, several = batch.prompts.to(device), batch.several
        with half_precision(device):
            embeddings = self.model.vision_encoder(batch.pixels.to(device)).last_hidden_state
        small = functional.interpolate(
            prompts.masks.flatten(1, 2), size=(IMAGE_SIZE // 2,) * 2, mode="area"
        )
        meant = small.view(*prompts.masks.shape[:3], *small.shape[-2:])
        logits, said = self.decode(embeddings, prompts, None, several=several)
        losses = mask_losses(logits, said, meant if several else meant[:, :, 1:2], prompts.real)
        if batch.again:
            target = meant[:, :, 1:2]
            best = logits.gather(2, _at(said.argmax(2), logits))[:, :, 0].detach()
            generator = torch.Generator().manual_seed(int(prompts.masks.sum()))
            truth = prompts.masks[:, :, 1]
            guess = functional.interpolate(best, size=truth.shape[-2:], mode="bilinear") > 0
            points, labels = correction_points(guess, truth, generator)
            if prompts.points is not None and prompts.labels is not None:
                points = torch.cat((prompts.points, points), dim=2)
                labels = torch.cat((prompts.labels, labels), dim=2)
            more = prompts._replace(points=points, labels=labels)
            logits, said = self.decode(embeddings, more, best, several=False)
            second = mask_losses(logits, said, target, prompts.real)
            losses = {name: 0.5 * (value + second[name]) for name, value in losses.items()}
        return losses

    def decode(
        self, embeddings: Tensor, prompts: Prompts, previous: Tensor | None, *, several: bool
    ) -> tuple[Tensor, Tensor]:
        """Predict masks; the prompt encoder stays in float32, its coordinates need the digits.

        Args:
            embeddings: [b, c, 32, 32].
            prompts: n prompts an image.
            previous: logits of an earlier mask, [b, n, 128, 128].
            several: three masks instead of one.

        Returns:
            Logits float32 [b, n, k, 128, 128] and predicted IoU float32 [b, n, k].
        """
        model, (count, objects) = self.model, prompts.real.shape
        ratio = IMAGE_SIZE / prompts.masks.shape[-1]
        points = None if prompts.points is None else prompts.points * ratio
        boxes = None if prompts.boxes is None else prompts.boxes * ratio
        labels = prompts.labels
        if previous is not None:
            # The class takes one mask prompt an image: each prompt becomes an image of its own.
            embeddings = embeddings.repeat_interleave(objects, 0)
            points, labels, boxes = (
                None if v is None else v.flatten(0, 1)[:, None] for v in (points, labels, boxes)
            )
            previous = previous.flatten(0, 1)[:, None]
        sparse, dense = model.prompt_encoder(points, labels, boxes, previous)
        positions = model.get_image_wide_positional_embeddings()
        with half_precision(model.device):
            logits, said = model.mask_decoder(
                embeddings, positions.expand(len(embeddings), -1, -1, -1), sparse, dense, several
            )
        shape = (count, objects, logits.shape[2])
        return logits.float().view(*shape, *logits.shape[3:]), said.float().view(shape)


def mask_losses(logits: Tensor, said: Tensor, target: Tensor, real: Tensor) -> dict[str, Tensor]:
    """Focal and dice loss of the masks of each prompt, and the error of the predicted IoU.

    Where the targets of a prompt are one and the same, the best mask learns it; otherwise each
    mask learns its own, so that the masks come to lie in order of their size.

    Args:
        logits: [b, n, k, h, w].
        said: predicted IoU [b, n, k].
        target: share of each low-resolution pixel that is to be covered, [b, n, k, h, w].
        real: bool [b, n]; other prompts have no mask and teach an IoU of 0.
    """
    wanted = target
    chance = logits.sigmoid()
    entropy = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    focal = (entropy * (chance - wanted).square()).mean((-2, -1))
    overlap = (chance * wanted).sum((-2, -1))
    area = chance.square().sum((-2, -1)) + wanted.square().sum((-2, -1))
    dice = 1.0 - (2.0 * overlap + 1.0) / (area + 1.0)
    both = 20.0 * focal + dice
    # A small share for the masks that lose, lest two of three never learn.
    best = 0.95 * both.min(2).values + 0.05 * both.mean(2)
    alike = (target == target[:, :, :1]).flatten(2).all(-1)
    chosen = torch.where(alike, best, both.mean(2))
    with torch.no_grad():
        found, truth = logits > 0, wanted > 0.5
        iou = (found & truth).sum((-2, -1)) / (found | truth).sum((-2, -1)).clamp(min=1)
        iou = iou * real[..., None]
    return {
        "loss_mask": (chosen * real).sum() / real.sum().clamp(min=1),
        "loss_iou": (said - iou).square().mean(),
    }


def _at(index: Tensor, logits: Tensor) -> Tensor:
    return index[:, :, None, None, None].expand(-1, -1, 1, *logits.shape[3:])
