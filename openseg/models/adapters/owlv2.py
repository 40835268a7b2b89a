"""OWLv2 through `transformers`: every image patch proposes a box, every phrase scores it alone.

Minderer et al., "Scaling Open-Vocabulary Object Detection", 2023, arXiv:2306.09683. Phrases do not
see each other or the image, so both sides are encoded once and any number of phrases fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import AutoImageProcessor, AutoTokenizer, Owlv2ForObjectDetection

from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.protocols import TextDetections
from openseg.models.text_chunks import check_phrase
from openseg.models.text_detections import Part, combine, nothing
from openseg.types import Image

FRAME = 2
"""Start and end token of a phrase."""
TEXTS_AT_ONCE = 256
REMEMBERED_TEXTS = 20_000


class Owlv2:
    """`TextDetector` on `Owlv2ForObjectDetection`.

    Args:
        model: The loaded model; its box head is brought to float32, because boxes in half precision
            lie on a grid of half a pixel and more.
        image_processor: The checkpoint's own; pads to a square, then resizes.
        tokenizer: The checkpoint's own.
        device: Where the model lies.
        dtype: What the model computes in.
    """

    def __init__(
        self,
        model: Any,
        image_processor: Any,
        tokenizer: Any,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.model = model
        model.box_head.float()
        model.box_bias = model.compute_box_bias(
            model.num_patches_height, model.num_patches_width
        ).to(device)
        self._image_processor = image_processor
        self._tokenizer = tokenizer
        self._limit = int(model.config.text_config.max_position_embeddings)
        self._device = device
        self._dtype = dtype
        self._memo: ImageMemo[tuple[Tensor, Tensor]] = ImageMemo()
        self._texts: dict[str, Tensor] = {}

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint in the format of `transformers`.

        Raises:
            MissingWeightsError: If it lacks weights.
        """
        model = load_model(Owlv2ForObjectDetection, folder, device, dtype)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        image_processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        return cls(model, image_processor, tokenizer, device, dtype)

    @torch.inference_mode()
    def detect(
        self, images: Sequence[Image], phrases: Sequence[Sequence[str]], min_score: float
    ) -> list[TextDetections]:
        """Detects each image's phrases; see `TextDetector`."""
        self._read([phrase for own in phrases for phrase in own])
        encoded = self._memo.features(images, self._encode)
        return [
            self._score(image, patches, boxes, own, min_score) if own else nothing(0, self._device)
            for image, own, (patches, boxes) in zip(images, phrases, encoded, strict=True)
        ]

    def _score(
        self, image: Image, patches: Tensor, boxes: Tensor, phrases: Sequence[str], min_score: float
    ) -> TextDetections:
        queries = torch.stack([self._texts[phrase] for phrase in phrases])
        logits, _ = self.model.class_predictor(patches[None], queries[None])
        part = Part(boxes, logits[0].float().sigmoid(), range(len(phrases)))
        square = max(image.size)
        return combine([part], len(phrases), image.size, (square, square), min_score)

    def _encode(self, images: list[Image]) -> list[tuple[Tensor, Tensor]]:
        """Patch features `[t, d]` and relative boxes `[t, 4]` of each image."""
        pixels = [self._preprocess(image) for image in images]
        maps, _ = self.model.image_embedder(torch.stack(pixels))
        patches = maps.flatten(1, 2)
        boxes = self.model.box_predictor(patches.float(), maps)
        return list(zip(patches, boxes, strict=True))

    def _preprocess(self, image: Image) -> Tensor:
        done = self._image_processor(
            [image.pixels.to(self._device)],
            input_data_format="channels_first",
            return_tensors="pt",
        )
        values: Tensor = done["pixel_values"][0]
        return values.to(self._device, self._dtype)

    def _read(self, phrases: Sequence[str]) -> None:
        """Encodes the phrases that have not been read yet."""
        new = [phrase for phrase in dict.fromkeys(phrases) if phrase not in self._texts]
        if not new:
            return
        spelled = self._tokenizer(new, verbose=False)["input_ids"]
        for phrase, ids in zip(new, spelled, strict=True):
            check_phrase(phrase, len(ids) - FRAME, self._limit - FRAME)
        if len(self._texts) + len(new) > REMEMBERED_TEXTS:
            self._texts.clear()
            new = list(dict.fromkeys(phrases))
        for start in range(0, len(new), TEXTS_AT_ONCE):
            batch = new[start : start + TEXTS_AT_ONCE]
            tokens = self._tokenizer(
                batch, padding="max_length", max_length=self._limit, return_tensors="pt"
            ).to(self._device)
            vectors = self.model.owlv2.get_text_features(
                tokens["input_ids"], tokens["attention_mask"]
            ).pooler_output
            vectors = vectors / vectors.norm(dim=-1, keepdim=True)
            self._texts |= dict(zip(batch, vectors, strict=True))
