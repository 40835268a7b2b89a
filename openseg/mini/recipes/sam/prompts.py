"""Draw the prompts a promptable segmenter is trained with: boxes, points, background points.

The kinds and the box noise follow section "Training algorithm" of Kirillov et al. 2023, Segment
Anything (arXiv:2304.02643). A point means three things at once, from small to large: the part it
is on, the thing, and the thing with all that stands on it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt
from torch import Tensor

from openseg.mini.recipes.regions import box_of
from openseg.mini.recipes.stills import Still
from openseg.mini.rooms.records import Seen

Mask = NDArray[np.bool_]
Kind = Literal["box", "point", "points"]

MIN_PIXELS = 40
"""Things and parts with fewer visible pixels teach nothing and are left out."""
PART_SHARE = 0.3
"""Chance of a box or of several points to mean a part, where there is one."""


class Prompts(NamedTuple):
    """Prompts of b images with n regions each; coordinates in pixels of the input image.

    Attributes:
        boxes: float32 [b, n, 4] xyxy, or None.
        points: float32 [b, n, k, 2] xy, or None.
        labels: int64 [b, n, k], 1 inside, 0 outside; None without points.
        masks: float32 [b, n, 3, h, w], 0 or 1: what the prompt may mean, from small to large;
            three times the same where it can mean one thing only, 0 where ``real`` is False.
        real: bool [b, n], False for a point on the background, where nothing is to be found.
    """

    boxes: Tensor | None
    points: Tensor | None
    labels: Tensor | None
    masks: Tensor
    real: Tensor

    def to(self, device: torch.device) -> Prompts:
        """The prompts on a device."""
        return Prompts(*(None if v is None else v.to(device) for v in self))  # type: ignore[arg-type]


def draw_prompts(stills: list[Still], regions: int, kind: Kind, seed: tuple[int, ...]) -> Prompts:
    """Draw prompts on every still.

    Args:
        stills: b stills, each with at least one thing.
        regions: prompts a still; things repeat where it has fewer.
        kind: ``box``, ``point`` (one inside; one in eight on the background) or ``points``
            (four, the first inside, the others on either side of the outline).
        seed: makes the draw repeatable.
    """
    rng = np.random.default_rng(seed)
    boxes: list[NDArray[np.float32]] = []
    points: list[NDArray[np.float32]] = []
    labels: list[NDArray[np.int64]] = []
    masks = np.zeros((len(stills), regions, 3, *stills[0].ids.shape), dtype=np.float32)
    real = np.ones((len(stills), regions), dtype=bool)
    for row, still in enumerate(stills):
        things = [seen for seen in still.things if seen.pixels >= MIN_PIXELS]
        covered = still.ids <= max((seen.thing.id for seen in things), default=0)
        empty = ~binary_dilation(covered, iterations=3)
        order = np.resize(rng.permutation(max(1, len(things))), regions)
        for column in range(regions):
            lost = not things or (kind == "point" and rng.random() < 0.125 and empty.any())
            if lost:
                nest = empty, empty, empty
            else:
                nest = _meanings(still, things[order[column]], kind, rng)
                masks[row, column] = nest
            real[row, column] = not lost
            boxes.append(noisy_box(nest[0], rng))
            xy, label = draw_points(nest[0], 4 if kind == "points" else 1, rng)
            points.append(xy)
            labels.append(label)
    shape = (len(stills), regions)
    return Prompts(
        boxes=torch.from_numpy(np.array(boxes)).view(*shape, 4) if kind == "box" else None,
        points=torch.from_numpy(np.array(points)).view(*shape, -1, 2) if kind != "box" else None,
        labels=torch.from_numpy(np.array(labels)).view(*shape, -1) if kind != "box" else None,
        masks=torch.from_numpy(masks),
        real=torch.from_numpy(real),
    )


def _meanings(
    still: Still, seen: Seen, kind: Kind, rng: np.random.Generator
) -> tuple[Mask, Mask, Mask]:
    """What a prompt on a thing may mean; it is drawn from the first mask."""
    parts = [part for part, pixels in seen.parts.items() if pixels >= MIN_PIXELS]
    part = parts[int(rng.integers(len(parts)))] if parts else None
    thing = still.mask(seen)
    if kind != "point":
        mask = still.mask(seen, part) if part and rng.random() < PART_SHARE else thing
        return mask, mask, mask
    if rng.random() < 0.5:  # a point anywhere on the thing, so mostly on its large parts
        y, x = divmod(int(rng.choice(np.flatnonzero(thing))), thing.shape[1])
        part = seen.thing.kind.parts[still.parts[y, x] - 1]
        part = part if part in parts else None
    small = thing if part is None else still.mask(seen, part)
    return small, thing, np.isin(still.ids, standing_on(still, seen))


def standing_on(still: Still, seen: Seen) -> list[int]:
    """Ids of a thing and of all that stands on it, directly or not."""
    ids = [seen.thing.id]
    for one in still.record.seen:  # carriers come before what they carry
        if one.thing.support in ids:
            ids.append(one.thing.id)
    return ids


def noisy_box(mask: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.float32]:
    """Tight box with normal noise of 0, 4 or 10 % of its sides, at most 20 pixels."""
    box = np.array(box_of(mask), dtype=np.float32)
    side = np.tile(box[2:] - box[:2], 2)
    noise = rng.normal(size=4) * side * rng.choice([0.0, 0.04, 0.1])
    noisy = np.clip(box + np.clip(noise, -20, 20), 0, max(mask.shape))
    return np.asarray(noisy, dtype=np.float32)


def draw_points(
    mask: NDArray[np.bool_], count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draw points in and around a mask, the first always inside.

    Returns:
        Points float32 [count, 2] xy and labels int64 [count], 1 inside and 0 outside.
    """
    ring = binary_dilation(mask, iterations=10) & ~mask
    labels = np.ones(count, dtype=np.int64)
    points = np.zeros((count, 2), dtype=np.float32)
    for at in range(count):
        if at and rng.random() < 0.5 and ring.any():
            labels[at] = 0
        pixels = np.flatnonzero(mask if labels[at] else ring)
        y, x = divmod(int(rng.choice(pixels)), mask.shape[1])
        points[at] = x, y
    return points, labels


def centre_point(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The pixel deepest inside a mask, float32 [2] xy."""
    depth = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    y, x = divmod(int(np.argmax(depth)), mask.shape[1])
    return np.array([x, y], dtype=np.float32)


def correction_points(
    guess: Tensor, masks: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw one point from the error of each guess, as a user would click to put it right.

    Args:
        guess: bool [b, n, h, w].
        masks: the right answers, 0 or 1, [b, n, h, w].
        generator: source of the draw.

    Returns:
        Points float32 [b, n, 1, 2] xy and labels int64 [b, n, 1]; a perfect guess gets a point
        anywhere, with its true label.
    """
    wrong = (guess != (masks > 0.5)).flatten(2).float() + 1e-6
    at = torch.multinomial(wrong.flatten(0, 1).cpu(), 1, generator=generator).to(masks.device)
    label = masks.flatten(0, 1).flatten(1).gather(1, at)
    width = masks.shape[-1]
    points = torch.stack((at % width, at // width), dim=-1).float()
    shape = masks.shape[:2]
    return points.view(*shape, 1, 2), (label > 0.5).long().view(*shape, 1)
