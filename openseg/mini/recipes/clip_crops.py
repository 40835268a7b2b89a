"""Cut object crops for the image-text encoder: a padded square, the rest filled with the mean.

The crop is the square around the box's centre whose side is 1.2 times the box's longer side, that
is a margin of 10 % on every side. Pixels outside the image, and for a masked crop pixels outside
the mask, take the mean colour of the normalisation and so are 0 for the network.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation, binary_erosion

from openseg.mini.recipes.data import Scene, SceneObject

CROP_SIZE = 64
PIXEL_MEAN = (0.48145466, 0.4578275, 0.40821073)
PIXEL_STD = (0.26862954, 0.26130258, 0.27577711)
FILL = tuple(round(255 * value) for value in PIXEL_MEAN)


def square_crop(
    image: NDArray[np.uint8],
    box: tuple[float, float, float, float],
    mask: NDArray[np.bool_] | None = None,
    scale: float = 1.2,
) -> NDArray[np.uint8]:
    """Cut the padded square around a box.

    Args:
        image: uint8 [h, w, 3].
        box: xyxy in pixels.
        mask: bool [h, w]; what lies outside is filled with the mean colour.
        scale: side of the square over the box's longer side.

    Returns:
        uint8 [side, side, 3], not resized.
    """
    x, y = round(box[0]), round(box[1])
    width, height = round(box[2]) - x, round(box[3]) - y
    side = max(1, round(scale * max(width, height)))
    left, top = x - (side - width) // 2, y - (side - height) // 2
    crop = np.empty((side, side, 3), dtype=np.uint8)
    crop[:] = FILL
    x0, x1 = max(0, left), min(image.shape[1], left + side)
    y0, y1 = max(0, top), min(image.shape[0], top + side)
    if x0 >= x1 or y0 >= y1:
        return crop
    part = image[y0:y1, x0:x1]
    if mask is not None:
        part = np.where(mask[y0:y1, x0:x1, None], part, np.array(FILL, dtype=np.uint8))
    crop[y0 - top : y1 - top, x0 - left : x1 - left] = part
    return crop


def masked_crop(scene: Scene, item: SceneObject) -> NDArray[np.uint8]:
    """The crop of one object with its background filled, as the floors are measured on."""
    return square_crop(scene.image, item.box, scene.mask(item))


def training_crop(scene: Scene, item: SceneObject, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A crop as a detector and a segmenter would give it, uint8 [64, 64, 3].

    Half are masked, with an outline up to two pixels off; the others keep their background, some
    with much of it. Box, brightness and orientation vary.
    """
    box = np.array(item.box)
    side = np.tile(box[2:] - box[:2], 2)
    box = box + rng.normal(size=4) * side * rng.choice([0.0, 0.05])
    mask, scale = None, 1.2
    if rng.random() < 0.5:
        mask = scene.mask(item)
        grow = int(rng.integers(-2, 3))
        if grow:
            mask = (binary_dilation if grow > 0 else binary_erosion)(mask, iterations=abs(grow))
    elif rng.random() < 0.5:
        scale = float(rng.uniform(1.0, 2.0))
    crop = square_crop(scene.image, tuple(box.tolist()), mask, scale)
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    return brighten(resize(crop), rng)


def whole_image(scene: Scene, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The whole scene, uint8 [64, 64, 3]."""
    return brighten(resize(scene.image), rng)


def recoloured(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene with its colour channels in another order: the shapes stay, the hues do not."""
    order = [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)][int(rng.integers(5))]
    gain = rng.uniform(0.6, 1.3, size=3)
    pixels = np.clip(scene.image[..., order] * gain, 0, 255).astype(np.uint8)
    return Scene(pixels, scene.ids, scene.objects)


def resize(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Resize as the image processor does, bicubic with a widened kernel."""
    picture = Image.fromarray(np.ascontiguousarray(crop))
    return np.asarray(picture.resize((CROP_SIZE, CROP_SIZE), Image.Resampling.BICUBIC))


def brighten(crop: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Change brightness and contrast a little; the hue stays, it is what a colour word means."""
    pixels = crop.astype(np.float32) * rng.uniform(0.9, 1.1) + rng.uniform(-8, 8)
    clipped: NDArray[np.uint8] = np.clip(pixels, 0, 255).astype(np.uint8)
    return clipped
