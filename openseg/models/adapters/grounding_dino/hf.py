"""Grounding DINO through `transformers`: boxes for phrases.

Liu et al., "Grounding DINO", 2023, arXiv:2303.05499.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from transformers import AutoImageProcessor, AutoTokenizer, GroundingDinoForObjectDetection
from transformers.models.swin.modeling_swin import SwinLayer

from openseg.models.adapters.feed_forward import InRows
from openseg.models.adapters.grounding_dino.detector import GroundingDetector
from openseg.models.adapters.grounding_dino.fusion import FewTokens
from openseg.models.adapters.grounding_dino.prompts import PhrasePrompts, Prompt
from openseg.models.adapters.grounding_dino.sampling import RowSampling
from openseg.models.pretrained import load_model
from openseg.types.errors import MissingWeightsError


class GroundingDino(GroundingDetector):
    """`TextDetector` on `GroundingDinoForObjectDetection`.

    Args:
        model: The loaded model; its image backbone is taken out and run by itself.
        image_processor: The checkpoint's own.
        tokenizer: The checkpoint's own.
        device: Where the model lies.
        dtype: What its image backbone computes in.
    """

    def __init__(
        self,
        model: Any,
        image_processor: Any,
        tokenizer: Any,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        limit = min(model.config.max_text_len, model.config.text_config.max_position_embeddings)
        super().__init__(image_processor, PhrasePrompts(tokenizer, limit), device, dtype)
        self.backbone: nn.Module = model.model.backbone.conv_encoder.model.to(dtype)
        self._given = _GivenFeatures(model.model.backbone.position_embedding)
        model.model.backbone = self._given
        _lean(model.model, self.backbone, device)
        self._model = model

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint in the format of `transformers`.

        Raises:
            MissingWeightsError: If it lacks weights, or its tokenizer has other separators than
                the model splits phrases at.
        """
        model: Any = load_model(GroundingDinoForObjectDetection, folder, device, torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        expected = tuple(model.model.special_tokens.tolist())
        found = tuple(tokenizer.convert_tokens_to_ids(["[CLS]", "[SEP]", ".", "?"]))
        if found != expected:
            raise MissingWeightsError(
                f"the tokenizer has [CLS] [SEP] . ? at ids {found}, the model splits phrases at "
                f"{expected}",
                where=str(folder),
            )
        image_processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        return cls(model, image_processor, tokenizer, device, dtype)

    def encode(self, pixels: Tensor) -> Sequence[Tensor]:
        """Feature maps of the image backbone."""
        return [level.float() for level in self.backbone(pixels).feature_maps]

    def ground(self, maps: Sequence[Tensor], prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor]:
        """Logits and boxes of a batch of images with a prompt each."""
        ids = nn.utils.rnn.pad_sequence(
            [torch.tensor(prompt.ids, device=self._device) for prompt in prompts],
            batch_first=True,
        )
        self._given.maps = maps
        shape_only = maps[0].new_zeros(1).expand(len(prompts), 3, 1, 1)
        output = self._model(pixel_values=shape_only, input_ids=ids, attention_mask=(ids > 0).int())
        return output.logits, output.pred_boxes


def _lean(model: Any, backbone: Any, device: torch.device) -> None:
    """Puts parts that take less time and memory in the place of some; equal up to rounding."""
    for layer in model.encoder.layers:
        layer.fusion_layer.attn = FewTokens(layer.fusion_layer.attn)
        deformable = layer.deformable_layer
        network = nn.Sequential(deformable.fc1, deformable.activation_fn, deformable.fc2)
        deformable.fc1 = InRows(network, deformable.fc1.out_features)
        deformable.activation_fn = deformable.fc2 = nn.Identity()
    if device.type == "cpu":
        for layer in model.encoder.layers:
            layer.deformable_layer.self_attn.attn = RowSampling()
        for layer in model.decoder.layers:
            layer.encoder_attn.attn = RowSampling()
    for part in backbone.modules():
        if isinstance(part, SwinLayer):
            part.mlp = InRows(part.mlp, part.mlp.fc1.out_features)


class _GivenFeatures(nn.Module):
    """Stands where the model's backbone stood and hands out feature maps computed before."""

    def __init__(self, position_embedding: nn.Module) -> None:
        super().__init__()
        self.position_embedding = position_embedding
        self.maps: Sequence[Tensor] = ()

    def forward(
        self, pixel_values: Tensor, pixel_mask: Tensor
    ) -> tuple[list[tuple[Tensor, Tensor]], list[Tensor]]:
        del pixel_values, pixel_mask  # no image in the batch is padded
        masks = [torch.ones_like(one[:, 0], dtype=torch.bool) for one in self.maps]
        levels = list(zip(self.maps, masks, strict=True))
        positions = [self.position_embedding(*level) for level in levels]
        return levels, positions
