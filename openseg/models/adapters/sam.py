"""Segment Anything as `transformers` runs it: masks for boxes, points and earlier masks.

Kirillov et al., "Segment Anything", ICCV 2023, arXiv:2304.02643. The size of the network and of
its input comes from the checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn.functional import interpolate
from transformers import SamImageProcessor, SamModel

from openseg.models.adapters.chunks import images_per_call, in_chunks
from openseg.models.adapters.longest_side import resized, scale, thickened
from openseg.models.adapters.prompt_rows import PromptRows, alone, decode_prompts
from openseg.models.adapters.sam_decoder.decode import ImageDecoder
from openseg.models.adapters.sam_decoder.encoder import spare_memory
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.protocols import MaskLogits, Prompts
from openseg.types import Image

IMAGES_PER_CALL = 4
MASKS_PER_CALL = 8
"""Grown together; each passes through the network's square, four megabytes at SAM's own size."""


class Sam:
    """`PromptSegmenter` over `transformers.SamModel`.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        self._longest = int(processor.size["longest_edge"])
        self._square = (int(processor.pad_size["height"]), int(processor.pad_size["width"]))
        self._memo: ImageMemo[Tensor] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        model = load_model(SamModel, folder, device, dtype)
        spare_memory(model.vision_encoder)
        return cls(model, SamImageProcessor.from_pretrained(folder, local_files_only=True))

    @torch.inference_mode()
    def segment(
        self, images: Sequence[Image], prompts: Sequence[Prompts], candidates: bool
    ) -> list[MaskLogits]:
        """Predicts masks; see `openseg.models.protocols.PromptSegmenter.segment`."""
        if not images:
            return []
        features = self._memo.features(images, self._encode)
        config = self._model.config
        side = 4 * config.prompt_encoder_config.image_embedding_size
        count = config.mask_decoder_config.num_multimask_outputs if candidates else 1

        def decode(rows: PromptRows) -> tuple[Tensor, Tensor]:
            if rows.logits is not None:
                return self._refine(features, rows, rows.logits, candidates)
            parts = [
                self._decode(features[image], part, candidates) for image, part in rows.by_image()
            ]
            logits, quality = zip(*parts, strict=True)
            return torch.cat(logits), torch.cat(quality)

        scales = [scale(one.size, self._longest) for one in images]
        return decode_prompts(prompts, scales, decode, (count, side, side), self._model.device)

    @torch.inference_mode()
    def pixels(self, logits: Tensor, size: tuple[int, int]) -> Tensor:
        """Undoes padding and resizing; see `openseg.models.protocols.PromptSegmenter.pixels`."""
        height, width = resized(size, self._longest)

        def grow(part: slice) -> Tensor:
            square = _bilinear(logits[part, None], self._square)
            return _bilinear(square[..., :height, :width], size)[:, 0]

        chunks = in_chunks(len(logits), MASKS_PER_CALL, grow)
        return torch.cat(chunks) if chunks else logits.new_zeros(0, *size)

    def _decode(
        self, features: Tensor, rows: PromptRows, candidates: bool
    ) -> tuple[Tensor, Tensor]:
        """Decodes prompts of one image that come without earlier masks."""
        encoder = self._model.prompt_encoder
        prompts, _ = encoder(
            input_points=alone(rows.points),
            input_labels=alone(rows.labels),
            input_boxes=alone(rows.boxes),
            input_masks=None,
        )
        image = features + encoder.no_mask_embed.weight.reshape(-1, 1, 1)
        [positions] = self._model.get_image_wide_positional_embeddings()
        decoder = ImageDecoder(self._model.mask_decoder, image, positions, candidates)
        return decoder(prompts[:, 0])

    def _refine(
        self, features: Sequence[Tensor], rows: PromptRows, earlier: Tensor, candidates: bool
    ) -> tuple[Tensor, Tensor]:
        """Decodes prompts with earlier masks, which make each prompt's image another one."""
        found = self._model(
            image_embeddings=torch.stack([features[image] for image in rows.image.tolist()]),
            input_boxes=alone(rows.boxes),
            input_points=alone(rows.points),
            input_labels=alone(rows.labels),
            input_masks=earlier[:, None].to(self._model.dtype),
            multimask_output=candidates,
        )
        return found.pred_masks[:, 0], found.iou_scores[:, 0]

    def _encode(self, images: list[Image]) -> list[Tensor]:
        def run(part: slice) -> Tensor:
            inputs = self._processor(
                [thickened(one.pixels, self._longest) for one in images[part]],
                input_data_format="channels_first",
                return_tensors="pt",
            )
            pixels = inputs["pixel_values"].to(self._model.device, self._model.dtype)
            features: Tensor = self._model.get_image_embeddings(pixels)
            return features

        count = images_per_call(IMAGES_PER_CALL, self._square, self._model.device)
        return [one for some in in_chunks(len(images), count, run) for one in some]


def _bilinear(maps: Tensor, size: tuple[int, int]) -> Tensor:
    return interpolate(maps, size, mode="bilinear", align_corners=False)
