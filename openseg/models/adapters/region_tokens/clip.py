"""CLIP's view of regions in their context: token masking inside the vision transformer.

Yu et al., "Zero-shot Referring Image Segmentation with Global-Local Context Features", CVPR 2023,
arXiv:2303.17811: before each of the last layers, the patch tokens are multiplied by the region's
mask at the resolution of the patches; the class token gathers what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, normalize

from openseg.models.adapters.chunks import in_chunks
from openseg.models.adapters.patch_grid import pixel_values
from openseg.types import Image
from openseg.types.errors import InputError

IMAGES_PER_CALL = 16
REGIONS_PER_CALL = 64


class ClipRegions:
    """Regions of a `transformers.CLIPModel`.

    The whole image is squashed to the square that the network was trained with; a patch that a
    region covers in part is kept in part, as the share of it that is covered.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        vision = model.config.vision_config
        self._patch, self._side = vision.patch_size, vision.image_size // vision.patch_size

    def encode(
        self, images: Sequence[Image], masks: Sequence[Tensor], last_layers: int
    ) -> list[Tensor]:
        """Embeds regions; see `RegionEncoder.encode_regions`."""
        layers = list(self._model.vision_model.encoder.layers)
        if last_layers > len(layers):
            raise InputError(
                f"the image encoder has {len(layers)} layers, fewer than last_layers: {last_layers}"
            )
        early, late = layers[: len(layers) - last_layers], layers[len(layers) - last_layers :]
        chunks = in_chunks(
            len(images), IMAGES_PER_CALL, lambda part: self._seen(images[part], early)
        )
        tokens = [one for chunk in chunks for one in chunk]
        return [self._gather(*pair, late) for pair in zip(tokens, masks, strict=True)]

    def _seen(self, images: Sequence[Image], layers: Sequence[Any]) -> Tensor:
        """Tokens `[b, 1 + side * side, w]` of whole images after the early layers."""
        network = self._model.vision_model
        grid = (self._side, self._side)
        values = pixel_values(self._processor, [one.pixels for one in images], grid, self._patch)
        tokens: Tensor = network.pre_layrnorm(
            network.embeddings(values.to(self._model.device, self._model.dtype))
        )
        for layer in layers:
            tokens = layer(tokens, None)
        return tokens

    def _gather(self, tokens: Tensor, masks: Tensor, layers: Sequence[Any]) -> Tensor:
        """Unit vectors `[n, d]` of the regions of one image."""

        def run(part: slice) -> Tensor:
            cover = adaptive_avg_pool2d(masks[part].to(tokens.dtype)[:, None], self._side)
            # The class token stays as it is.
            keep = torch.nn.functional.pad(cover.flatten(1), (1, 0), value=1.0)[..., None]
            kept = tokens[None].expand(len(keep), -1, -1)
            for layer in layers:
                kept = layer(kept * keep, None)
            return self._project(kept[:, 0])

        chunks = in_chunks(len(masks), REGIONS_PER_CALL, run)
        if not chunks:
            return torch.zeros(0, self._model.config.projection_dim, device=tokens.device)
        return normalize(torch.cat(chunks), dim=-1)

    def _project(self, tokens: Tensor) -> Tensor:
        projected: Tensor = self._model.visual_projection(
            self._model.vision_model.post_layernorm(tokens)
        )
        return projected.float()
