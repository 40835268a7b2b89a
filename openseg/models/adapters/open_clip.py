"""CLIP and its kin as the `open_clip` package runs them.

Cherti et al., "Reproducible scaling laws for contrastive language-image learning", CVPR 2023,
arXiv:2212.07143. A checkpoint is a folder as the package publishes them: `open_clip_config.json`
with the architecture and its preprocessing, safetensors, and tokenizer files where it has its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import open_clip
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from torch import Tensor
from torchvision.transforms.functional import to_pil_image

from openseg.models.adapters.joint_space import (
    IMAGES_PER_CALL,
    TEXTS_PER_CALL,
    embed,
    fill_colour,
    middle,
)
from openseg.models.pretrained import assign, read_tensors
from openseg.types.errors import MissingWeightsError


class OpenClip:
    """`ImageTextEncoder` over a model of `open_clip`.

    Crops go through the package's own preprocessing, which works on PIL pictures. A text longer
    than the model's context is cut by the package's tokenizer, its end token kept.

    Args:
        model: The network, in eval mode.
        tokenizer: The package's tokenizer for it.
        device: Where the network lies.
    """

    def __init__(self, model: Any, tokenizer: Any, device: torch.device) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._device = device
        preprocessing = PreprocessCfg(**model.visual.preprocess_cfg)
        self._preprocess = image_transform_v2(preprocessing, is_train=False)
        self.mean_pixel = fill_colour(preprocessing.mean)

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`.

        Raises:
            MissingWeightsError: Also if `open_clip_config.json` is missing or names no model.
        """
        name = f"local-dir:{folder}"
        try:
            with _quiet():
                model = open_clip.create_model(
                    name, load_weights=False, pretrained_image=False, pretrained_text=False
                )
                tokenizer = open_clip.get_tokenizer(name)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise MissingWeightsError(
                f"open_clip cannot build this model: {error}",
                where=str(folder / "open_clip_config.json"),
            ) from error
        assign(model, read_tensors(folder), folder, device, dtype)
        return cls(model, tokenizer, device)

    @torch.inference_mode()
    def encode_images(self, images: Sequence[Tensor]) -> Tensor:
        """Embeds crops; see `openseg.models.protocols.ImageTextEncoder.encode_images`."""
        return embed(images, IMAGES_PER_CALL, self._embed_images, self._width, self._device)

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Embeds texts; see `openseg.models.protocols.ImageTextEncoder.encode_texts`."""
        return embed(texts, TEXTS_PER_CALL, self._embed_texts, self._width, self._device)

    @torch.inference_mode()
    def logits(self, image_vectors: Tensor, text_vectors: Tensor) -> Tensor:
        """Similarity over the model's temperature, plus its bias where it was trained with one."""
        scale: Tensor = self._model.logit_scale.float().exp()
        similarity = scale * image_vectors @ text_vectors.T
        bias: Tensor | None = self._model.logit_bias
        return similarity if bias is None else similarity + bias.float()

    @cached_property
    def _width(self) -> int:
        """The package's models do not say how long their vectors are; one tells."""
        return self._embed_texts([""]).shape[1]

    @property
    def _dtype(self) -> torch.dtype:
        dtype: torch.dtype = self._model.logit_scale.dtype
        return dtype

    def _embed_images(self, images: Sequence[Tensor]) -> Tensor:
        pictures = [self._preprocess(to_pil_image(middle(one).cpu())) for one in images]
        pixels = torch.stack(pictures).to(self._device, self._dtype)
        vectors: Tensor = self._model.encode_image(pixels)
        return vectors

    def _embed_texts(self, texts: Sequence[str]) -> Tensor:
        vectors: Tensor = self._model.encode_text(self._tokenizer(list(texts)).to(self._device))
        return vectors


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the package from warning that weights are random: they are put in afterwards.

    The package logs on the root logger, which would also set up logging for the whole program.
    """
    root, handler = logging.getLogger(), logging.NullHandler()
    level = logging.root.manager.disable
    root.addHandler(handler)
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(level)
        root.removeHandler(handler)
