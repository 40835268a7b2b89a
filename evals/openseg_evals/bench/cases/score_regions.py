"""Scores of 100 regions: the stage `embed.masked_crops` against one crop at a time.

One at a time is how the published code of zero-shot referring segmentation goes through masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from PIL import Image as Picture
from torch import Tensor

from openseg.io.images import image_from
from openseg.models.protocols import ImageTextEncoder
from openseg.models.store import ModelStore
from openseg.stages.embed.masked_crops import EmbedMaskedCrops
from openseg.types import Masks
from openseg_evals.bench.agreement import of_numbers
from openseg_evals.bench.clock import in_turn
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_times
from openseg_evals.bench.settings import Settings
from openseg_evals.bench.weights import checkpoints

SIZE, REGIONS = (480, 640), 100
TEXTS = ["a cup", "a ball", "a hat", "the red one on the left"]


def measure(settings: Settings) -> Iterator[Row]:
    """Regions of one image against a few texts."""
    weights = checkpoints(settings, "clip")
    encoder: ImageTextEncoder = ModelStore(weights, settings.device).load("clip")
    stage = EmbedMaskedCrops(EmbedMaskedCrops.Config(margin=0.1), encoder=encoder)
    [path] = pictures(settings.folder, 1, SIZE)
    image = image_from(path)
    masks = discs(REGIONS)
    words = encoder.encode_texts(TEXTS)
    one = OneByOne(str(weights / "clip"), encoder.mean_pixel, settings.device)
    pixels = image.pixels.permute(1, 2, 0).numpy()
    places = masks.numpy()

    @torch.no_grad()
    def ours(_: int = 0) -> Tensor:
        found = stage.run([image], [Masks(masks)]).embeddings[0].vectors
        return encoder.logits(found, words)

    @torch.no_grad()
    def peer(_: int = 0) -> Tensor:
        vectors = torch.cat([one(pixels, place) for place in places])
        return encoder.logits(vectors, words)

    yield of_times(
        "score-regions",
        f"one crop at a time, {REGIONS} regions",
        in_turn(ours, peer, settings.pairs(5), settings.device),
        Floor("at least", 10.0 if settings.device.startswith("cuda") else 2.0),
        of_numbers(ours(), peer(), 1e-4 * float(encoder.logits(words, words).abs().max())),
        note="scores over their largest value, which is one over the temperature",
    )


def discs(count: int) -> Tensor:
    """Discs of many sizes, bool `[n, h, w]`."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    centres = random.uniform((60, 60), (SIZE[0] - 60, SIZE[1] - 60), (count, 2))
    radii = random.uniform(15, 120, count)
    apart = [np.hypot(y - row, x - column) for row, column in centres]
    return torch.from_numpy(np.stack(apart) < radii[:, None, None])


class OneByOne:
    """Crops a region, paints the rest over, and encodes it, alone.

    Args:
        folder: CLIP's checkpoint.
        fill: What stands outside the mask, RGB.
        device: Where it runs.
    """

    def __init__(self, folder: str, fill: tuple[int, int, int], device: str) -> None:
        from transformers import CLIPImageProcessor, CLIPModel

        self.processor: Any = CLIPImageProcessor.from_pretrained(folder)
        self.model: Any = CLIPModel.from_pretrained(folder).eval().to(device)
        self.fill, self.device = fill, device

    def __call__(self, pixels: np.ndarray, mask: np.ndarray) -> Tensor:
        """A unit vector `[1, d]` of one region of `[h, w, 3]`."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        inside = np.where(mask[part][..., None], pixels[part], np.array(self.fill, dtype=np.uint8))
        height, width = inside.shape[:2]
        side = max(1, round(max(height, width) * 1.2))
        square = np.full((side, side, 3), self.fill, dtype=np.uint8)
        top, left = (side - height) // 2, (side - width) // 2
        square[top : top + height, left : left + width] = inside
        inputs = self.processor(Picture.fromarray(square), return_tensors="pt").to(self.device)
        vector: Tensor = self.model.get_image_features(**inputs).pooler_output
        return torch.nn.functional.normalize(vector.float(), dim=-1)
