"""Cut crops of things and parts: a padded square, the rest filled with the mean.

The crop is the square around the box's centre whose side is 1.2 times the box's longer side, that
is a margin of 10 % on every side. Pixels outside the image, and for a masked crop pixels outside
the mask, take the mean colour of the normalisation and so are 0 for the network.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation, binary_erosion

CROP_SIZE = 64
PIXEL_MEAN = (0.48145466, 0.4578275, 0.40821073)
PIXEL_STD = (0.26862954, 0.26130258, 0.27577711)
FILL = (123, 117, 104)


def square_crop(
    image: NDArray[np.uint8],
    box: tuple[float, float, float, float],
    mask: NDArray[np.bool_] | None = None,
    scale: float = 1.2,
    fill: tuple[int, int, int] = FILL,
) -> NDArray[np.uint8]:
    """Cut the padded square around a box.

    Args:
        image: uint8 [h, w, 3].
        box: xyxy in pixels.
        mask: bool [h, w]; what lies outside is filled.
        scale: side of the square over the box's longer side.
        fill: RGB outside of image and mask.

    Returns:
        uint8 [side, side, 3], not resized.
    """
    x, y = round(box[0]), round(box[1])
    width, height = round(box[2]) - x, round(box[3]) - y
    side = max(1, round(scale * max(width, height)))
    left, top = x - (side - width) // 2, y - (side - height) // 2
    crop = np.empty((side, side, 3), dtype=np.uint8)
    crop[:] = fill
    x0, x1 = max(0, left), min(image.shape[1], left + side)
    y0, y1 = max(0, top), min(image.shape[0], top + side)
    if x0 >= x1 or y0 >= y1:
        return crop
    part = image[y0:y1, x0:x1]
    if mask is not None:
        part = np.where(mask[y0:y1, x0:x1, None], part, np.array(fill, dtype=np.uint8))
    crop[y0 - top : y1 - top, x0 - left : x1 - left] = part
    return crop


def training_crop(
    image: NDArray[np.uint8],
    box: tuple[float, float, float, float],
    mask: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """A crop as a detector and a segmenter would give it, uint8 [64, 64, 3].

    Half are masked, with an outline up to two pixels off; the others keep their background, some
    with much of it. Box, brightness and orientation vary.

    Args:
        image: uint8 [h, w, 3].
        box: xyxy in pixels.
        mask: bool [h, w].
        rng: source of chance.
    """
    edges = np.array(box)
    side = np.tile(edges[2:] - edges[:2], 2)
    edges = edges + rng.normal(size=4) * side * rng.choice([0.0, 0.05])
    kept, scale = None, 1.2
    if rng.random() < 0.5:
        kept = shaken_outline(mask, rng)
    elif rng.random() < 0.5:
        scale = float(rng.uniform(1.0, 2.0))
    crop = square_crop(image, tuple(edges.tolist()), kept, scale)
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    return brighten(resize(crop), rng)


def shaken_outline(mask: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """The mask with an outline up to two pixels off; one that would vanish stays as it is."""
    grow = int(rng.integers(-2, 3))
    if grow == 0:
        return mask
    shaken = (binary_dilation if grow > 0 else binary_erosion)(mask, iterations=abs(grow))
    return shaken if shaken.any() else mask


def recoloured_pixels(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture with its channels in another order: the shapes stay, the hues do not."""
    order = [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)][int(rng.integers(5))]
    gain = rng.uniform(0.6, 1.3, size=3)
    return np.clip(image[..., order] * gain, 0, 255).astype(np.uint8)


def resize(crop: NDArray[np.uint8], side: int = CROP_SIZE) -> NDArray[np.uint8]:
    """Resize as the image processor does, bicubic with a widened kernel."""
    picture = Image.fromarray(np.ascontiguousarray(crop))
    return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC))


def brighten(crop: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Change brightness and contrast a little; the hue stays, it is what a colour word means."""
    pixels = crop.astype(np.float32) * rng.uniform(0.9, 1.1) + rng.uniform(-8, 8)
    clipped: NDArray[np.uint8] = np.clip(pixels, 0, 255).astype(np.uint8)
    return clipped
