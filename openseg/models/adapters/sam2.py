"""Segment Anything 2 on still images, as `transformers` runs it.

Ravi et al., "SAM 2: Segment Anything in Images and Videos", arXiv:2408.00714. Images are squashed
into the network's square, not padded; the video half of a checkpoint is left unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn.functional import interpolate
from transformers import Sam2ImageProcessor, Sam2Model

from openseg.models.adapters.chunks import images_per_call, in_chunks
from openseg.models.adapters.prompt_rows import PromptRows, alone, decode_prompts
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.protocols import MaskLogits, Prompts
from openseg.types import Image

IMAGES_PER_CALL = 4


class Sam2:
    """`PromptSegmenter` over `transformers.Sam2Model`.

    With `candidates` False the class gives its single mask, or the best-rated of the three others
    where that one is unstable, as the checkpoint's configuration asks.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        self._memo: ImageMemo[list[Tensor]] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        model = load_model(Sam2Model, folder, device, dtype)
        return cls(model, Sam2ImageProcessor.from_pretrained(folder, local_files_only=True))

    @torch.inference_mode()
    def segment(
        self, images: Sequence[Image], prompts: Sequence[Prompts], candidates: bool
    ) -> list[MaskLogits]:
        """Predicts masks; see `openseg.models.protocols.PromptSegmenter.segment`."""
        if not images:
            return []
        encoded = self._memo.features(images, self._encode)
        levels = [torch.stack(level) for level in zip(*encoded, strict=True)]
        config = self._model.config
        count = config.mask_decoder_config.num_multimask_outputs if candidates else 1

        def decode(rows: PromptRows) -> tuple[Tensor, Tensor]:
            found = self._model(
                image_embeddings=[level[rows.image] for level in levels],
                input_boxes=alone(rows.boxes),
                input_points=alone(rows.points),
                input_labels=alone(rows.labels),
                input_masks=None
                if rows.logits is None
                else rows.logits[:, None].to(self._model.dtype),
                multimask_output=candidates,
            )
            return found.pred_masks[:, 0], found.iou_scores[:, 0]

        height, width = self._square
        scales = [(width / one.size[1], height / one.size[0]) for one in images]
        shape = (count, *self._model.prompt_encoder.mask_input_size)
        return decode_prompts(prompts, scales, decode, shape, self._model.device)

    @torch.inference_mode()
    def pixels(self, logits: Tensor, size: tuple[int, int]) -> Tensor:
        """Undoes the resizing; see `openseg.models.protocols.PromptSegmenter.pixels`."""
        if not len(logits):
            return logits.new_zeros(0, *size)
        return interpolate(logits[:, None], size, mode="bilinear", align_corners=False)[:, 0]

    @property
    def _square(self) -> tuple[int, int]:
        size = self._processor.size
        return int(size["height"]), int(size["width"])

    def _encode(self, images: list[Image]) -> list[list[Tensor]]:
        def run(part: slice) -> list[list[Tensor]]:
            inputs = self._processor(
                [one.pixels for one in images[part]],
                input_data_format="channels_first",
                return_tensors="pt",
            )
            pixels = inputs["pixel_values"].to(self._model.device, self._model.dtype)
            levels = self._model.get_image_embeddings(pixels)
            return [list(maps) for maps in zip(*levels, strict=True)]

        count = images_per_call(IMAGES_PER_CALL, self._square, self._model.device)
        return [one for some in in_chunks(len(images), count, run) for one in some]
