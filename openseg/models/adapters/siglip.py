"""SigLIP and SigLIP 2 as `transformers` runs them: images and texts in one space, sigmoid logits.

Zhai et al., "Sigmoid Loss for Language Image Pre-Training", ICCV 2023, arXiv:2303.15343;
Tschannen et al., "SigLIP 2", arXiv:2502.14786 (the fixed-size checkpoints).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import AutoTokenizer, SiglipImageProcessor, SiglipModel

from openseg.models.adapters.joint_space import (
    IMAGES_PER_CALL,
    TEXTS_PER_CALL,
    embed,
    fill_colour,
)
from openseg.models.pretrained import load_model


class Siglip:
    """`ImageTextEncoder` over `transformers.SiglipModel`.

    Texts are lower-cased, padded to the full context and seen with their padding, as in training;
    a longer one is cut.

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

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        return cls(
            load_model(SiglipModel, folder, device, dtype),
            SiglipImageProcessor.from_pretrained(folder, local_files_only=True),
            AutoTokenizer.from_pretrained(folder, local_files_only=True),
        )

    @torch.inference_mode()
    def encode_images(self, images: Sequence[Tensor]) -> Tensor:
        """Embeds crops; see `openseg.models.protocols.ImageTextEncoder.encode_images`.

        Each crop is squashed into the network's square, whatever its aspect.
        """
        return embed(images, IMAGES_PER_CALL, self._embed_images, self._width, self._model.device)

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Embeds texts; see `openseg.models.protocols.ImageTextEncoder.encode_texts`."""
        return embed(texts, TEXTS_PER_CALL, self._embed_texts, self._width, self._model.device)

    @torch.inference_mode()
    def logits(self, image_vectors: Tensor, text_vectors: Tensor) -> Tensor:
        """Scaled similarity plus bias: the sigmoid is the probability that a text fits."""
        scale: Tensor = self._model.logit_scale.float().exp()
        bias: Tensor = self._model.logit_bias.float()
        return scale * image_vectors @ text_vectors.T + bias

    @property
    def _width(self) -> int:
        return int(self._model.config.vision_config.hidden_size)

    def _embed_images(self, images: Sequence[Tensor]) -> Tensor:
        inputs = self._processor(
            list(images), input_data_format="channels_first", return_tensors="pt"
        )
        pixels = inputs["pixel_values"].to(self._model.device, self._model.dtype)
        vectors: Tensor = self._model.get_image_features(pixels).pooler_output
        return vectors

    def _embed_texts(self, texts: Sequence[str]) -> Tensor:
        inputs = self._tokenizer(
            [text.lower() for text in texts],
            padding="max_length",
            truncation=True,
            max_length=self._model.config.text_config.max_position_embeddings,
            return_tensors="pt",
        ).to(self._model.device)
        # No attention mask: the network pools its last token, padding or not.
        vectors: Tensor = self._model.get_text_features(inputs["input_ids"]).pooler_output
        return vectors
