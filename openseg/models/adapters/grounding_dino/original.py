"""Grounding DINO run by its authors' code (package `groundingdino`), as a second opinion.

Liu et al., "Grounding DINO", 2023, arXiv:2303.05499. Reads checkpoints of `transformers`, and
conversions of the original `.pth` to safetensors beside the `config.json`, preprocessing and
tokenizer of `transformers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from torch import Tensor
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
)

from openseg.models.adapters.grounding_dino.detector import GroundingDetector
from openseg.models.adapters.grounding_dino.keys import to_original
from openseg.models.adapters.grounding_dino.original_model import OriginalModel, unpadded
from openseg.models.adapters.grounding_dino.prompts import PhrasePrompts, Prompt
from openseg.models.pretrained import assign, load_model, read_tensors
from openseg.types.errors import MissingWeightsError

ORIGINAL_KEY = "transformer.level_embed"
"""A weight by the name only the original code gives it."""

TEXT_WIDTH = 256
"""The width of text positions is written into the original code."""


class GroundingDinoOriginal(GroundingDetector):
    """`TextDetector` on the original `GroundingDINO`.

    Args:
        model: The loaded model.
        image_processor: The checkpoint's own.
        prompts: Turns phrases into token ids within the text limit.
        device: Where the model lies.
        dtype: What its image backbone computes in.
    """

    mixes_captions: ClassVar[bool] = True  # its text layers repeat masks in the wrong order

    def __init__(
        self,
        model: OriginalModel,
        image_processor: Any,
        prompts: PhrasePrompts,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        super().__init__(image_processor, prompts, device, dtype)
        self.model = model
        model.backbone[0].to(dtype)

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint.

        Raises:
            MissingWeightsError: If it lacks weights, or its `config.json` describes a variant that
                the original code cannot build.
        """
        config = GroundingDinoConfig.from_pretrained(folder, local_files_only=True)
        if (
            config.d_model != TEXT_WIDTH
            or config.encoder_attention_heads != config.decoder_attention_heads
            or config.activation_function != "relu"
            or not (config.two_stage and config.embedding_init_target)
        ):
            raise MissingWeightsError(
                "the original Grounding DINO code cannot build this variant",
                where=str(folder / "config.json"),
                fix="use the model grounding-dino",
            )
        tensors = {k.removeprefix("module."): t for k, t in read_tensors(folder).items()}
        if ORIGINAL_KEY not in tensors:
            cpu = torch.device("cpu")
            model: Any = load_model(GroundingDinoForObjectDetection, folder, cpu, torch.float32)
            tensors = to_original(model.state_dict())
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        prompts = PhrasePrompts(tokenizer, config.max_text_len)
        original = OriginalModel(config, prompts.separators)
        assign(
            original, tensors, folder, device, torch.float32, harmless=[r"relative_position_index$"]
        )
        image_processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        return cls(original, image_processor, prompts, device, dtype)

    def encode(self, pixels: Tensor) -> Sequence[Tensor]:
        """Feature maps of the image backbone."""
        features = self.model.backbone[0](unpadded(pixels))
        return [level.tensors.float() for level in features.values()]

    def ground(self, maps: Sequence[Tensor], prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor]:
        """Logits and boxes of an image with its prompt."""
        levels = [unpadded(level) for level in maps]
        position_embedding = self.model.backbone[1]
        positions = [position_embedding(level) for level in levels]
        self.model.set_image_features(levels, positions)
        output = self.model(levels[0], captions=[prompt.ids for prompt in prompts])
        return output["pred_logits"], output["pred_boxes"]
