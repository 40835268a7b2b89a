"""CLIP's patches in the space of its texts: the last layer's values, without its attention.

Zhou et al., "Extract Free Dense Labels from CLIP" (MaskCLIP), ECCV 2022, arXiv:2112.01071: in the
last layer each token keeps its own value instead of mixing those of all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from openseg.models.adapters.patch_grid import grouped, patch_grid, pixel_values
from openseg.models.image_memo import ImageMemo
from openseg.models.protocols import ImageFeatures
from openseg.types import Image

IMAGES_PER_CALL = 8
ENLARGED = 2
"""Times the side the network was trained with: patches are finer then, and positions interpolated.
MaskCLIP reads pictures of 512 pixels with a network trained at 224."""


class ClipPatches:
    """Dense features of a `transformers.CLIPModel`.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        vision = model.config.vision_config
        self._short, self._patch = ENLARGED * vision.image_size, vision.patch_size
        self._memo: ImageMemo[dict[str, Tensor]] = ImageMemo()

    def encode(self, images: Sequence[Image]) -> list[ImageFeatures]:
        """Encodes images; see `openseg.models.protocols.ImageEncoder.encode`."""
        found = self._memo.features(images, self._encode)
        return [ImageFeatures(one["summary"], one["patches"]) for one in found]

    def _encode(self, images: list[Image]) -> list[dict[str, Tensor]]:
        grids = [patch_grid(one.size, self._short, self._patch) for one in images]

        def run(grid: tuple[int, int], members: list[int]) -> list[dict[str, Tensor]]:
            return self._run([images[place].pixels for place in members], grid)

        return grouped(grids, IMAGES_PER_CALL, run)

    def _run(self, pixels: list[Tensor], grid: tuple[int, int]) -> list[dict[str, Tensor]]:
        values = pixel_values(self._processor, pixels, grid, self._patch)
        values = values.to(self._model.device, self._model.dtype)
        summary, patches = dense_tokens(self._model, values)
        dense = patches.transpose(1, 2).reshape(len(pixels), -1, *grid)
        return [{"summary": one, "patches": many} for one, many in zip(summary, dense, strict=True)]


def dense_tokens(model: Any, pixel_values: Tensor) -> tuple[Tensor, Tensor]:
    """Whole images and their patches in the space of texts.

    Args:
        model: A `transformers.CLIPModel`.
        pixel_values: Normalised, `[b, 3, h, w]`, of any whole number of patches.

    Returns:
        float32 `[b, d]` and float32 `[b, patches, d]`, neither of length 1.
    """
    network = model.vision_model
    tokens = network.pre_layrnorm(network.embeddings(pixel_values, interpolate_pos_encoding=True))
    *layers, last = network.encoder.layers
    for layer in layers:
        tokens = layer(tokens, None)

    def project(some: Tensor) -> Tensor:
        projected: Tensor = model.visual_projection(network.post_layernorm(some)).float()
        return projected

    return project(last(tokens, None)[:, 0]), project(_values_only(last, tokens[:, 1:]))


def _values_only(layer: Any, tokens: Tensor) -> Tensor:
    """A transformer layer in which each token attends to itself alone."""
    attention = layer.self_attn
    tokens = tokens + attention.out_proj(attention.v_proj(layer.layer_norm1(tokens)))
    result: Tensor = tokens + layer.mlp(layer.layer_norm2(tokens))
    return result
