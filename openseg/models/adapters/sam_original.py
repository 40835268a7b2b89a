"""Segment Anything as its authors' package runs it, behind the same protocol as the other SAM.

Kirillov et al., "Segment Anything", ICCV 2023, arXiv:2304.02643; package `segment-anything`. A
checkpoint is a folder with the published weights, keys unchanged, as safetensors, and a
`config.json`: `{"model_type": "vit_b"}` (or `vit_l`, `vit_h`), or the fields of `Architecture`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import torch
from pydantic import BaseModel, ConfigDict, Field
from segment_anything import sam_model_registry
from segment_anything.modeling import (
    ImageEncoderViT,
    MaskDecoder,
    PromptEncoder,
    TwoWayTransformer,
)
from segment_anything.modeling import Sam as SamNetwork
from segment_anything.utils.transforms import ResizeLongestSide
from torch import Tensor

from openseg.models.adapters.chunks import images_per_call, in_chunks
from openseg.models.adapters.longest_side import resized, scale, thickened
from openseg.models.adapters.prompt_rows import PromptRows, decode_prompts
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import assign, read_tensors
from openseg.models.protocols import MaskLogits, Prompts
from openseg.types import Image
from openseg.types.errors import MissingWeightsError

IMAGES_PER_CALL = 4
MASKS_PER_CALL = 64
PIXEL_MEAN = [123.675, 116.28, 103.53]
PIXEL_STD = [58.395, 57.12, 57.375]
"""The package's own normalisation, RGB in 0-255; its checkpoints carry none."""


class Architecture(BaseModel):
    """A network of another size than the three published ones; defaults are theirs.

    Attributes:
        width: Channels of the image encoder.
        depth: Its layers.
        heads: Its attention heads.
        global_layers: Layers that attend to the whole image, from 0.
        window: Side of the window the other layers attend to, in patches.
        image_size: Side of the input in pixels.
        patch_size: Side of a patch in pixels.
        prompt_width: Channels of image embedding, prompt encoder and mask decoder.
        decoder_heads: Attention heads of the mask decoder.
        decoder_mlp: Hidden channels of its feed-forward layers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(gt=0)
    depth: int = Field(gt=0)
    heads: int = Field(gt=0)
    global_layers: tuple[int, ...]
    window: int = 14
    image_size: int = 1024
    patch_size: int = 16
    prompt_width: int = 256
    decoder_heads: int = 8
    decoder_mlp: int = 2048

    def build(self) -> Any:
        """The network, with random weights."""
        grid = self.image_size // self.patch_size
        return SamNetwork(
            image_encoder=ImageEncoderViT(
                img_size=self.image_size,
                patch_size=self.patch_size,
                embed_dim=self.width,
                depth=self.depth,
                num_heads=self.heads,
                out_chans=self.prompt_width,
                norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
                use_rel_pos=True,
                window_size=self.window,
                global_attn_indexes=self.global_layers,
            ),
            prompt_encoder=PromptEncoder(
                embed_dim=self.prompt_width,
                image_embedding_size=(grid, grid),
                input_image_size=(self.image_size, self.image_size),
                mask_in_chans=16,
            ),
            mask_decoder=MaskDecoder(
                transformer_dim=self.prompt_width,
                transformer=TwoWayTransformer(
                    depth=2,
                    embedding_dim=self.prompt_width,
                    num_heads=self.decoder_heads,
                    mlp_dim=self.decoder_mlp,
                ),
                iou_head_hidden_dim=self.prompt_width,
            ),
            pixel_mean=PIXEL_MEAN,
            pixel_std=PIXEL_STD,
        )


class SamOriginal:
    """`PromptSegmenter` over `segment_anything.modeling.Sam`.

    Args:
        network: The network, in eval mode.
    """

    def __init__(self, network: Any) -> None:
        self._network = network
        self._longest = int(network.image_encoder.img_size)
        self._resize = ResizeLongestSide(self._longest)
        self._memo: ImageMemo[Tensor] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`.

        The package computes prompts in float32, so `dtype` is that of the image encoder alone.
        """
        network = _build(folder)
        assign(network, read_tensors(folder), folder, device, torch.float32)
        network.image_encoder.to(dtype)
        return cls(network)

    @torch.inference_mode()
    def segment(
        self, images: Sequence[Image], prompts: Sequence[Prompts], candidates: bool
    ) -> list[MaskLogits]:
        """Predicts masks; see `openseg.models.protocols.PromptSegmenter.segment`."""
        features = self._memo.features(images, self._encode)
        height, width = self._network.prompt_encoder.mask_input_size
        count = self._network.mask_decoder.num_multimask_outputs if candidates else 1

        def decode(rows: PromptRows) -> tuple[Tensor, Tensor]:
            parts = [
                self._decode_one(features[image], part, candidates)
                for image, part in rows.by_image()
            ]
            logits, quality = zip(*parts, strict=True)
            return torch.cat(logits), torch.cat(quality)

        scales = [scale(one.size, self._longest) for one in images]
        return decode_prompts(prompts, scales, decode, (count, height, width), self._device)

    @torch.inference_mode()
    def pixels(self, logits: Tensor, size: tuple[int, int]) -> Tensor:
        """Undoes padding and resizing; see `openseg.models.protocols.PromptSegmenter.pixels`."""
        shrunk = resized(size, self._longest)

        def grow(part: slice) -> Tensor:
            grown: Tensor = self._network.postprocess_masks(logits[part, None], shrunk, size)
            return grown[:, 0]

        chunks = in_chunks(len(logits), MASKS_PER_CALL, grow)
        return torch.cat(chunks) if chunks else logits.new_zeros(0, *size)

    @property
    def _device(self) -> torch.device:
        device: torch.device = self._network.device
        return device

    def _encode(self, images: list[Image]) -> list[Tensor]:
        def run(part: slice) -> Tensor:
            inputs = torch.stack([self._prepare(one) for one in images[part]])
            dtype = self._network.image_encoder.pos_embed.dtype
            features: Tensor = self._network.image_encoder(inputs.to(dtype)).float()
            return features

        square = (self._longest, self._longest)
        count = images_per_call(IMAGES_PER_CALL, square, self._device)
        return [one for some in in_chunks(len(images), count, run) for one in some]

    def _prepare(self, image: Image) -> Tensor:
        pixels = thickened(image.pixels, self._longest).permute(1, 2, 0).cpu().numpy()
        shrunk = torch.from_numpy(self._resize.apply_image(pixels)).permute(2, 0, 1)
        normalised: Tensor = self._network.preprocess(shrunk.to(self._device))
        return normalised

    def _decode_one(
        self, features: Tensor, rows: PromptRows, candidates: bool
    ) -> tuple[Tensor, Tensor]:
        encoder = self._network.prompt_encoder
        sparse, dense = encoder(
            points=None if rows.points is None else (rows.points, rows.labels),
            boxes=rows.boxes,
            masks=None if rows.logits is None else rows.logits[:, None],
        )
        logits, quality = self._network.mask_decoder(
            image_embeddings=features[None],
            image_pe=encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=candidates,
        )
        return logits, quality


def _build(folder: Path) -> Any:
    path = folder / "config.json"
    known = sorted(set(sam_model_registry) - {"default"})
    try:
        config = json.loads(path.read_text("utf-8"))
        if "model_type" in config:
            return sam_model_registry[config["model_type"]](checkpoint=None)
        return Architecture.model_validate(config).build()
    except (OSError, ValueError, KeyError) as error:
        raise MissingWeightsError(
            "no architecture of segment-anything is described here",
            where=str(path),
            fix=f'write {{"model_type": M}} into it, M one of {", ".join(known)}',
        ) from error
