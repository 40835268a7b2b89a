"""DINOv2 as `transformers` runs it: dense features without words.

Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", TMLR 2024,
arXiv:2304.07193.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import BitImageProcessor, Dinov2Model

from openseg.models.adapters.chunks import in_chunks
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.protocols import ImageFeatures
from openseg.types import Image

IMAGES_PER_CALL = 8
MAX_ASPECT = 4
"""An image longer than this is scaled by its long side instead: patches cost quadratic time."""


class Dinov2:
    """`ImageEncoder` over `transformers.Dinov2Model`.

    The checkpoint's processor would cut a central square out; here the patch grid covers the whole
    image. The short side is brought to the processor's size and each side rounded to whole patches
    (by at most half a patch, so an image is squashed a little); nothing is cropped or padded.
    Interpolation and normalisation are the processor's.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        self._short = int(processor.size["shortest_edge"])
        self._patch = int(model.config.patch_size)
        self._memo: ImageMemo[dict[str, Tensor]] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        model = load_model(Dinov2Model, folder, device, dtype, harmless=("mask_token",))
        return cls(model, BitImageProcessor.from_pretrained(folder, local_files_only=True))

    @torch.inference_mode()
    def encode(self, images: Sequence[Image]) -> list[ImageFeatures]:
        """Encodes images; see `openseg.models.protocols.ImageEncoder.encode`."""
        found = self._memo.features(images, self._encode)
        return [ImageFeatures(one["summary"], one["patches"]) for one in found]

    def grid(self, size: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of patches for an image.

        Args:
            size: Height and width in pixels.
        """
        scale = min(self._short / min(size), MAX_ASPECT * self._short / max(size))
        rows, columns = (max(1, round(side * scale / self._patch)) for side in size)
        return rows, columns

    def _encode(self, images: list[Image]) -> list[dict[str, Tensor]]:
        groups: dict[tuple[int, int], list[int]] = {}
        for index, one in enumerate(images):
            groups.setdefault(self.grid(one.size), []).append(index)
        features: dict[int, dict[str, Tensor]] = {}
        for grid, members in groups.items():
            run = partial(self._run, [images[index].pixels for index in members], grid)
            chunks = in_chunks(len(members), IMAGES_PER_CALL, run)
            features.update(zip(members, chain.from_iterable(chunks), strict=True))
        return [features[index] for index in range(len(images))]

    def _run(
        self, pixels: list[Tensor], grid: tuple[int, int], part: slice
    ) -> list[dict[str, Tensor]]:
        rows, columns = grid
        inputs = self._processor(
            pixels[part],
            size={"height": rows * self._patch, "width": columns * self._patch},
            do_center_crop=False,
            input_data_format="channels_first",
            return_tensors="pt",
        )
        values = inputs["pixel_values"].to(self._model.device, self._model.dtype)
        tokens = self._model(values).last_hidden_state.float()
        patches = tokens[:, 1:].transpose(1, 2).unflatten(2, grid)
        return [
            {"summary": summary, "patches": dense}
            for summary, dense in zip(tokens[:, 0], patches, strict=True)
        ]
