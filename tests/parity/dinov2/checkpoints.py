"""The same random DINOv2 in timm and as a checkpoint of `transformers`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor
from transformers import BitImageProcessor, Dinov2Config, Dinov2Model

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
SIDE = 70
"""The input the positions are made for: five patches of 14 pixels."""

RENAMED = (
    (r"^cls_token$", "embeddings.cls_token"),
    (r"^pos_embed$", "embeddings.position_embeddings"),
    (r"^patch_embed\.proj\.", "embeddings.patch_embeddings.projection."),
    (r"^blocks\.", "encoder.layer."),
    (r"\.attn\.proj\.", ".attention.o_proj."),
    (r"\.ls([12])\.gamma$", r".layer_scale\1.lambda1"),
    (r"^norm\.", "layernorm."),
)


def save_twins(folder: Path) -> Any:
    """Saves `folder/dinov2`; gives timm's model with the same weights."""
    torch.manual_seed(0)
    model = timm.create_model(
        "vit_small_patch14_dinov2", embed_dim=48, num_heads=3, depth=2, img_size=SIDE
    ).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "gamma" in name or "pos_embed" in name or "cls_token" in name:
                parameter.normal_(std=0.5)
    twin = Dinov2Model(
        Dinov2Config(hidden_size=48, num_attention_heads=3, num_hidden_layers=2, image_size=SIDE)
    )
    report = twin.load_state_dict(to_transformers(model.state_dict()), strict=False)
    assert report.missing_keys == ["embeddings.mask_token"]
    assert not report.unexpected_keys
    twin.save_pretrained(folder / "dinov2")
    BitImageProcessor(
        size={"shortest_edge": SIDE + 2},
        crop_size={"height": SIDE - 14, "width": SIDE - 14},
        image_mean=list(MEAN),
        image_std=list(STD),
    ).save_pretrained(folder / "dinov2")
    return model


def to_transformers(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors by the other implementation's names."""
    renamed: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        for pattern, replacement in RENAMED:
            key = re.sub(pattern, replacement, key)  # noqa: PLW2901
        start, _, kind = key.partition(".attn.qkv.")
        if kind:
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                renamed[f"{start}.attention.{part}_proj.{kind}"] = piece
        else:
            renamed[key] = tensor
    return renamed
