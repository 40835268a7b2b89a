"""Draw the prompts a promptable segmenter is trained with: boxes, points, background points.

The kinds and the box noise follow section "Training algorithm" of Kirillov et al. 2023, Segment
Anything (arXiv:2304.02643): a tenth of the box's side as noise, points drawn uniformly in the
mask, correction points drawn from the error of an earlier mask.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt
from torch import Tensor

from openseg.mini.recipes.data import Scene

MIN_PIXELS = 40
"""Objects with fewer visible pixels teach nothing and are left out."""


class Prompts(NamedTuple):
    """Prompts of b images with n objects each; coordinates in pixels of the input image.

    Attributes:
        boxes: float32 [b, n, 4] xyxy, or None.
        points: float32 [b, n, k, 2] xy, or None.
        labels: int64 [b, n, k], 1 inside, 0 outside; None without points.
        masks: float32 [b, n, h, w], 0 or 1, the right answers; all 0 where ``real`` is False.
        real: bool [b, n], False for a point on the background, where no object is to be found.
    """

    boxes: Tensor | None
    points: Tensor | None
    labels: Tensor | None
    masks: Tensor
    real: Tensor


def draw_prompts(scenes: list[Scene], objects: int, kind: str, seed: tuple[int, int]) -> Prompts:
    """Draw one prompt for each of ``objects`` objects of every scene.

    Args:
        scenes: b scenes, each with at least one object.
        objects: prompts a scene; objects repeat where a scene has fewer.
        kind: ``box``, ``point`` (one inside; one in eight on the background) or ``points``
            (four, the first inside, the others on either side of the outline).
        seed: makes the draw repeatable.
    """
    rng = np.random.default_rng(seed)
    boxes: list[list[NDArray[np.float32]]] = []
    points: list[list[NDArray[np.float32]]] = []
    labels: list[list[NDArray[np.int64]]] = []
    masks = np.zeros((len(scenes), objects, *scenes[0].ids.shape), dtype=np.float32)
    real = np.ones((len(scenes), objects), dtype=bool)
    for row, scene in enumerate(scenes):
        found = [scene.mask(o) for o in scene.objects]
        found = [m for m in found if m.sum() >= MIN_PIXELS]
        empty = ~binary_dilation(scene.ids > 0, iterations=3)
        order = np.resize(rng.permutation(max(1, len(found))), objects)
        boxes.append([])
        points.append([])
        labels.append([])
        for column in range(objects):
            lost = not found or (kind == "point" and rng.random() < 0.125 and empty.any())
            mask = empty if lost else found[order[column]]
            real[row, column] = not lost
            masks[row, column] = 0.0 if lost else mask
            boxes[-1].append(noisy_box(mask, rng))
            xy, label = draw_points(mask, 4 if kind == "points" else 1, rng)
            points[-1].append(xy)
            labels[-1].append(label)
    return Prompts(
        boxes=torch.from_numpy(np.array(boxes)) if kind == "box" else None,
        points=torch.from_numpy(np.array(points)) if kind != "box" else None,
        labels=torch.from_numpy(np.array(labels)) if kind != "box" else None,
        masks=torch.from_numpy(masks),
        real=torch.from_numpy(real),
    )


def box_of(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Tight box of a mask, float32 [4] xyxy, the far edges exclusive; needs one pixel."""
    columns = np.flatnonzero(mask.any(axis=0))
    rows = np.flatnonzero(mask.any(axis=1))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], dtype=np.float32)


def noisy_box(mask: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.float32]:
    """Tight box with normal noise of 0, 4 or 10 % of its sides, at most 20 pixels."""
    box = box_of(mask)
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
        masks: 0 or 1, [b, n, h, w].
        generator: source of the draw.

    Returns:
        Points float32 [b, n, 1, 2] xy and labels int64 [b, n, 1]; a perfect guess gets a point
        anywhere, with its true label.
    """
    wrong = (guess != (masks > 0.5)).flatten(2).float() + 1e-6
    at = torch.multinomial(wrong.flatten(0, 1), 1, generator=generator)
    label = masks.flatten(0, 1).flatten(1).gather(1, at)
    width = masks.shape[-1]
    points = torch.stack((at % width, at // width), dim=-1).float()
    shape = masks.shape[:2]
    return points.view(*shape, 1, 2), (label > 0.5).long().view(*shape, 1)
