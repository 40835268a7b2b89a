"""Training batches of the mini Grounding DINO: augmented stills, prompts, positive maps.

Stills are cropped, mirrored and relit. A prompt of sentences sees its still whole and unmirrored:
"the leftmost cup" would not survive either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from openseg.mini.recipes.grounding_dino.model import IMAGE_SIZE, MEAN, STD
from openseg.mini.recipes.grounding_dino.prompts import Prompt, phrase_prompt, sentence_prompt
from openseg.mini.recipes.grounding_dino.text import MAX_TEXT_LENGTH, PAD_ID, PhraseEncoder
from openseg.mini.recipes.regions import OPEN, YES, Region
from openseg.mini.recipes.stills import Still

SIZES = (*[(IMAGE_SIZE, IMAGE_SIZE)] * 3, (IMAGE_SIZE, 280), (280, IMAGE_SIZE))
"""Heights and widths that batches are drawn at."""
SENTENCE_SHARE = 0.15
"""Chance of a prompt to be made of sentences."""
MIN_INSIDE = 0.5
"""Fraction of a box that must lie inside a crop for the region to count."""


@dataclass(frozen=True)
class Batch:
    """One training batch of b stills, at most m regions a still and t tokens a prompt.

    Attributes:
        pixel_values: normalised images, float32 [b, 3, h, w].
        input_ids: token ids, int64 [b, t].
        attention_mask: 1 for a token and 0 for padding, int64 [b, t].
        boxes: xyxy relative to the image, float32 [b, m, 4]; zeros where there is no region.
        present: regions to find, bool [b, m].
        ignored: regions mostly cut off by the crop, neither right nor wrong, bool [b, m].
        names: whether the token belongs to a phrase that names the region, bool [b, m, t].
        unsure: whether it belongs to one that may or may not name it, bool [b, m, t].
    """

    pixel_values: Tensor
    input_ids: Tensor
    attention_mask: Tensor
    boxes: Tensor
    present: Tensor
    ignored: Tensor
    names: Tensor
    unsure: Tensor

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))


@dataclass(frozen=True)
class _Window:
    """A part of a still that is shown, perhaps mirrored."""

    top: int
    left: int
    height: int
    width: int
    mirrored: bool

    def boxes(self, regions: Sequence[Region]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Boxes relative to the window [m, 4], and the share of each inside of it [m]."""
        boxes: NDArray[np.float32] = np.array([one.box for one in regions], np.float32)
        boxes = boxes.reshape(-1, 4)
        area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
        corner = np.array([self.left, self.top] * 2, dtype=np.float32)
        size = np.array([self.width, self.height] * 2, dtype=np.float32)
        boxes = ((boxes - corner) / size).clip(0.0, 1.0).astype(np.float32)
        kept = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) * size[0] * size[1]
        if self.mirrored:
            boxes[:, [0, 2]] = 1.0 - boxes[:, [2, 0]]
        return boxes, (kept / np.maximum(area, 1.0)).astype(np.float32)


def make_batch(stills: Sequence[Still], encoder: PhraseEncoder, rng: np.random.Generator) -> Batch:
    """Crop, mirror and resize stills, draw their prompts and map tokens to regions.

    Args:
        stills: stills of the step.
        encoder: turns phrases into token ids.
        rng: source of chance.
    """
    size = SIZES[rng.integers(len(SIZES))]
    views = [_view(still, size, rng) for still in stills]
    pixels = torch.stack(
        [_pixels(s, w, size, rng) for s, (w, _) in zip(stills, views, strict=True)]
    )
    return assemble(pixels, views, encoder)


def assemble(
    pixels: Tensor, views: Sequence[tuple[_Window, Prompt]], encoder: PhraseEncoder
) -> Batch:
    """Puts pictures, windows and prompts together.

    Args:
        pixels: float32 [b, 3, h, w] in 0 to 1.
        views: the window of each picture and what is asked of it.
        encoder: turns phrases into token ids.
    """
    prompts = [prompt for _, prompt in views]
    encoded = [_within_limit(prompt.texts, encoder) for prompt in prompts]
    slots = max(1, *(len(prompt.regions) for prompt in prompts))
    length = max(len(ids) for ids, _ in encoded)
    shape = (len(prompts), slots)
    boxes = torch.zeros(*shape, 4)
    present, ignored = torch.zeros(shape, dtype=torch.bool), torch.zeros(shape, dtype=torch.bool)
    names = torch.zeros(*shape, length, dtype=torch.bool)
    unsure = torch.zeros_like(names)
    input_ids = torch.full((len(prompts), length), PAD_ID)
    for row, ((window, prompt), (ids, owners)) in enumerate(zip(views, encoded, strict=True)):
        input_ids[row, : len(ids)] = torch.tensor(ids)
        m = len(prompt.regions)
        found, inside = window.boxes(prompt.regions)
        boxes[row, :m] = torch.from_numpy(found)
        present[row, :m] = torch.from_numpy(inside >= MIN_INSIDE)
        ignored[row, :m] = torch.from_numpy((inside > 0.02) & (inside < MIN_INSIDE))
        truth = torch.from_numpy(prompt.truth)
        names[row, :m, : len(ids)] = token_map(truth == YES, owners)
        unsure[row, :m, : len(ids)] = token_map(truth == OPEN, owners)
    mean, std = torch.tensor(MEAN)[:, None, None], torch.tensor(STD)[:, None, None]
    mask = (torch.arange(length) < torch.tensor([[len(ids)] for ids, _ in encoded])).long()
    return Batch((pixels - mean) / std, input_ids, mask, boxes, present, ignored, names, unsure)


def token_map(truth: Tensor, owners: Sequence[int]) -> Tensor:
    """Spread a truth table over the tokens of the prompt.

    Args:
        truth: bool [m, phrases].
        owners: phrase index of each of t tokens, -1 for special tokens.

    Returns:
        bool [m, t]; special tokens name nothing.
    """
    owner = torch.tensor(owners)
    return truth[:, owner.clamp(min=0)] & (owner >= 0)


def _within_limit(texts: Sequence[str], encoder: PhraseEncoder) -> tuple[list[int], list[int]]:
    """Token ids and owners of as many phrases as the text encoder takes."""
    count = len(texts)
    ids, owners = encoder(texts)
    while len(ids) > MAX_TEXT_LENGTH:
        count -= 1
        ids, owners = encoder(texts[:count])
    return ids, owners


def _view(still: Still, size: tuple[int, int], rng: np.random.Generator) -> tuple[_Window, Prompt]:
    """A window on a still and a prompt about what it shows."""
    height, width = still.image.shape[:2]
    if rng.random() < SENTENCE_SHARE:
        prompt = sentence_prompt(still, rng)
        if prompt is not None:
            return _Window(0, 0, height, width, mirrored=False), prompt
    scale = 1.0 if rng.random() < 0.3 else float(rng.uniform(0.65, 1.0))
    unit = min(height / size[0], width / size[1]) * scale
    crop = round(unit * size[0]), round(unit * size[1])
    top = int(rng.integers(height - crop[0] + 1))
    left = int(rng.integers(width - crop[1] + 1))
    window = _Window(top, left, *crop, mirrored=bool(rng.random() < 0.5))
    things = [Region(seen, None, seen.box) for seen in still.things]
    _, inside = window.boxes(things)
    shown = [
        one.seen.thing.id for one, share in zip(things, inside, strict=True) if share >= MIN_INSIDE
    ]
    return window, phrase_prompt(still, shown, rng)


def _pixels(
    still: Still, window: _Window, size: tuple[int, int], rng: np.random.Generator
) -> Tensor:
    """The window's picture at a size and in slightly other light, float32 [3, h, w] in 0 to 1."""
    rows = slice(window.top, window.top + window.height)
    columns = slice(window.left, window.left + window.width)
    crop = torch.from_numpy(np.array(still.image[rows, columns])).permute(2, 0, 1)
    image = functional.interpolate(crop[None].float(), size=size, mode="bilinear", antialias=True)
    image = image[0] / 255.0 * float(rng.uniform(0.9, 1.1)) + float(rng.uniform(-0.04, 0.04))
    return (image.flip(-1) if window.mirrored else image).clamp(0.0, 1.0)
