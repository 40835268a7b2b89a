"""CLIP as `transformers` runs it: images and texts in one space.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021,
arXiv:2103.00020.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import AutoTokenizer, CLIPImageProcessor, CLIPModel

from openseg.models.adapters.clip_patches import ClipPatches
from openseg.models.adapters.joint_space import (
    IMAGES_PER_CALL,
    TEXTS_PER_CALL,
    embed,
    fill_colour,
    middle,
)
from openseg.models.adapters.region_tokens.clip import ClipRegions
from openseg.models.pretrained import load_model
from openseg.models.protocols import ImageFeatures
from openseg.types import Image


class Clip:
    """CLIP over `transformers.CLIPModel`: whole pictures, patches, regions, and texts.

    A text longer than the model's context is cut as CLIP's authors do with `truncate=True`: its
    beginning is kept, and the end token after it.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
        tokenizer: The checkpoint's tokenizer.
    """

    def __init__(self, model: Any, processor: Any, tokenizer: Any) -> None:
        self._model = model
        self._processor = processor
        self._tokenizer = tokenizer
        self.mean_pixel = fill_colour(processor.image_mean)
        self._patches = ClipPatches(model, processor)
        self._regions = ClipRegions(model, processor)

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        return cls(
            load_model(CLIPModel, folder, device, dtype),
            CLIPImageProcessor.from_pretrained(folder, local_files_only=True),
            AutoTokenizer.from_pretrained(folder, local_files_only=True),
        )

    @torch.inference_mode()
    def encode_images(self, images: Sequence[Tensor]) -> Tensor:
        """Embeds crops; see `openseg.models.protocols.ImageTextEncoder.encode_images`.

        Each crop is resized and cropped to its central square as the checkpoint's processor says.
        """
        return embed(images, IMAGES_PER_CALL, self._embed_images, self._width, self._model.device)

    @torch.inference_mode()
    def encode(self, images: Sequence[Image]) -> list[ImageFeatures]:
        """Encodes images densely; see `openseg.models.protocols.DenseImageTextEncoder`."""
        return self._patches.encode(images)

    @torch.inference_mode()
    def encode_regions(
        self, images: Sequence[Image], masks: Sequence[Tensor], last_layers: int
    ) -> list[Tensor]:
        """Embeds regions in their context; see `RegionEncoder`."""
        return self._regions.encode(images, masks, last_layers)

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Embeds texts; see `openseg.models.protocols.ImageTextEncoder.encode_texts`."""
        return embed(texts, TEXTS_PER_CALL, self._embed_texts, self._width, self._model.device)

    @torch.inference_mode()
    def logits(self, image_vectors: Tensor, text_vectors: Tensor) -> Tensor:
        """Similarity over CLIP's temperature: softmax over texts gives its probabilities."""
        scale: Tensor = self._model.logit_scale.float().exp()
        return scale * image_vectors @ text_vectors.T

    @property
    def _width(self) -> int:
        return int(self._model.config.projection_dim)

    def _embed_images(self, images: Sequence[Tensor]) -> Tensor:
        inputs = self._processor(
            [middle(one) for one in images],
            input_data_format="channels_first",
            return_tensors="pt",
        )
        pixels = inputs["pixel_values"].to(self._model.device, self._model.dtype)
        vectors: Tensor = self._model.get_image_features(pixels).pooler_output
        return vectors

    def _embed_texts(self, texts: Sequence[str]) -> Tensor:
        inputs = self._tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._model.config.text_config.max_position_embeddings,
            return_tensors="pt",
        ).to(self._model.device)
        vectors: Tensor = self._model.get_text_features(
            inputs["input_ids"], attention_mask=inputs["attention_mask"]
        ).pooler_output
        return vectors
