"""SAM 3 as `transformers` runs it: all instances of a concept, from words and exemplar boxes.

Carion et al., "SAM 3: Segment Anything with Concepts", 2025, arXiv:2511.16719. Images are squashed
into the network's square. Only the vision encoder may run in half precision: behind it, boxes would
lie on a grid of several pixels. The video half of a checkpoint is left unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn.functional import interpolate
from transformers import AutoTokenizer, Sam3ImageProcessor, Sam3Model
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.sam3.modeling_sam3 import Sam3VisionEncoderOutput

from openseg import ops
from openseg.models.adapters.chunks import in_chunks
from openseg.models.adapters.patch_grid import grouped
from openseg.models.adapters.sam3.words import Words
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.tasks.concept_segmenting import ConceptInstances, ConceptPrompt
from openseg.types import Image

IMAGES_PER_CALL = 4
PROMPTS_PER_CALL = 8
MASKS_PER_CALL = 16
"""Masks brought to the image's size at once, for memory."""


class Sam3:
    """`ConceptSegmenter` over `transformers.Sam3Model`.

    Images and texts are encoded once each, however they are paired.

    Args:
        model: The network, in eval mode, in float32; its vision encoder is brought to `dtype`.
        processor: The checkpoint's image processor.
        words: The checkpoint's text encoder.
        dtype: What the vision encoder computes in.
    """

    without_words = "visual"

    def __init__(self, model: Any, processor: Any, words: Words, dtype: torch.dtype) -> None:
        model.vision_encoder.to(dtype)
        self._model = model
        self._processor = processor
        self._words = words
        self._dtype = dtype
        self._memo: ImageMemo[list[Tensor]] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        model = load_model(Sam3Model, folder, device, torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        processor = Sam3ImageProcessor.from_pretrained(folder, local_files_only=True)
        return cls(model, processor, Words(model, tokenizer), dtype)

    @torch.inference_mode()
    def find(
        self,
        images: Sequence[Image],
        prompts: Sequence[Sequence[ConceptPrompt]],
        min_score: float,
        min_mask: float,
    ) -> list[list[ConceptInstances]]:
        """Finds instances; see `openseg.models.tasks.concept_segmenting.ConceptSegmenter.find`."""
        asked = [(place, one) for place, some in enumerate(prompts) for one in some]
        self._words.read([one.text for _, one in asked])
        if not asked:
            return [[] for _ in images]
        encoded = self._memo.features(images, self._encode)

        def run(_count: int, members: list[int]) -> list[ConceptInstances]:
            rows = [asked[member] for member in members]
            outputs = self._decode(rows, images, encoded)
            return [
                _instances(outputs, row, images[place].size, min_score, min_mask)
                for row, (place, _) in enumerate(rows)
            ]

        # Prompts that differ in the number of exemplars would have to be padded, which they see.
        found = iter(grouped([_exemplars(one) for _, one in asked], PROMPTS_PER_CALL, run))
        return [[next(found) for _ in some] for some in prompts]

    def _decode(
        self,
        rows: Sequence[tuple[int, ConceptPrompt]],
        images: Sequence[Image],
        encoded: Sequence[Sequence[Tensor]],
    ) -> Any:
        """The network's output for prompts with equally many exemplars, each with its image."""
        levels = [
            torch.stack(level).float()
            for level in zip(*(encoded[place] for place, _ in rows), strict=True)
        ]
        neck = self._model.vision_encoder.neck
        places = [
            neck.position_encoding((1, *one.shape[1:]), one.device, one.dtype) for one in levels
        ]
        text, mask = self._words.features([one.text for _, one in rows])
        boxes = torch.stack([_relative(one, images[place].size, text) for place, one in rows])
        kinds = [[] if p.exemplars is None else p.exemplars.positive.tolist() for _, p in rows]
        return self._model(
            vision_embeds=Sam3VisionEncoderOutput(
                fpn_hidden_states=tuple(levels), fpn_position_encoding=tuple(places)
            ),
            text_embeds=BaseModelOutputWithPooling(pooler_output=text),
            attention_mask=mask,
            input_boxes=boxes,
            input_boxes_labels=torch.tensor(kinds, dtype=torch.int64, device=text.device),
        )

    def _encode(self, images: list[Image]) -> list[list[Tensor]]:
        def run(part: slice) -> list[list[Tensor]]:
            inputs = self._processor(
                [one.pixels for one in images[part]],
                input_data_format="channels_first",
                return_tensors="pt",
            )
            pixels = inputs["pixel_values"].to(self._model.device, self._dtype)
            levels = self._model.get_vision_features(pixels).fpn_hidden_states
            return [list(maps) for maps in zip(*levels, strict=True)]

        return [one for some in in_chunks(len(images), IMAGES_PER_CALL, run) for one in some]


def _exemplars(prompt: ConceptPrompt) -> int:
    return 0 if prompt.exemplars is None else len(prompt.exemplars)


def _relative(prompt: ConceptPrompt, size: tuple[int, int], like: Tensor) -> Tensor:
    """Exemplars `[k, 4]` by centre and size, relative to the image."""
    if prompt.exemplars is None:
        return like.new_zeros(0, 4)
    height, width = size
    corners = prompt.exemplars.xyxy / like.new_tensor([width, height, width, height])
    low, high = corners[:, :2], corners[:, 2:]
    return torch.cat([(low + high) / 2, high - low], dim=1)


def _instances(
    outputs: Any, row: int, size: tuple[int, int], min_score: float, min_mask: float
) -> ConceptInstances:
    """The instances of one row of the network's output."""
    presence = outputs.presence_logits[row, 0].sigmoid()
    scores, order = (outputs.pred_logits[row].sigmoid() * presence).sort(
        descending=True, stable=True
    )
    order = order[scores > min_score]
    height, width = size
    boxes = outputs.pred_boxes[row, order] * scores.new_tensor([width, height, width, height])
    chances = outputs.pred_masks[row, order].sigmoid()

    def grow(part: slice) -> Tensor:
        large = interpolate(chances[None, part], size, mode="bilinear", align_corners=False)[0]
        return large > min_mask

    grown = in_chunks(len(order), MASKS_PER_CALL, grow)
    masks = torch.cat(grown) if grown else chances.new_zeros(0, *size, dtype=torch.bool)
    return ConceptInstances(masks, ops.boxes.clip(boxes, size), scores[: len(order)], presence)
