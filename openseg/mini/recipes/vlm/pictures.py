"""The pictures of a prompt about a region: how `mini-vlm` is pointed at something.

Either the region's square crop alone, its surroundings kept or painted over, or first the whole
picture with the region's box in red and then the crop. A prompt about a scene has one picture.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from openseg.mini.recipes.crops import FILL, brighten, resize, shaken_outline, square_crop
from openseg.mini.recipes.vlm.dialogue import Picture
from openseg.mini.recipes.vlm.model import PICTURE_SIZE
from openseg.ops.marks import boxed

FILLS = (FILL, (0, 0, 0), (255, 255, 255), (128, 128, 128))
"""What may stand outside a mask: methods paint it over in different ways."""

Box = tuple[float, float, float, float]


def scene_picture(image: Picture, rng: np.random.Generator) -> Picture:
    """The whole picture, uint8 [128, 128, 3]."""
    return brighten(resize(image, PICTURE_SIZE), rng)


def marked_picture(image: Picture, box: Box, rng: np.random.Generator) -> Picture:
    """The whole picture with a box in red, uint8 [128, 128, 3]."""
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)
    return scene_picture(boxed(pixels, box).permute(1, 2, 0).numpy(), rng)


def region_crop(
    image: Picture,
    box: Box,
    mask: NDArray[np.bool_],
    rng: np.random.Generator,
    masked: float = 0.5,
) -> Picture:
    """A crop as a detector and a segmenter would give it, uint8 [128, 128, 3].

    Some are masked, with an outline up to two pixels off and any fill; the others keep their
    background, some with much of it. Box and brightness vary.

    Args:
        image: uint8 [h, w, 3].
        box: xyxy in pixels.
        mask: bool [h, w].
        rng: Source of chance.
        masked: Probability of a masked crop.
    """
    edges = np.array(box)
    side = np.tile(edges[2:] - edges[:2], 2)
    edges = edges + rng.normal(size=4) * side * rng.choice([0.0, 0.04])
    shaken = (float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3]))
    if rng.random() < masked:
        fill = np.array(FILLS[int(rng.integers(len(FILLS)))], dtype=np.uint8)
        painted = np.where(shaken_outline(mask, rng)[..., None], image, fill)
        crop = square_crop(painted, shaken)
    else:
        crop = square_crop(image, shaken, scale=float(rng.choice([1.2, rng.uniform(1.0, 2.0)])))
    return brighten(resize(crop, PICTURE_SIZE), rng)
