"""A tiny Mask2Former with random weights, as a checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    Mask2FormerConfig,
    Mask2FormerForUniversalSegmentation,
    Mask2FormerImageProcessor,
    SwinConfig,
)

NAMES = ("cup", "office chair", "wall")
SIDE = 64


def save_mask2former(folder: Path, names: tuple[str, ...] = NAMES) -> None:
    """Saves `folder/mask2former`, which knows classes of these names."""
    torch.manual_seed(0)
    config = Mask2FormerConfig(
        backbone_config=SwinConfig(
            image_size=SIDE,
            embed_dim=8,
            depths=[1, 1, 1, 1],
            num_heads=[1, 1, 1, 1],
            window_size=4,
            out_features=["stage1", "stage2", "stage3", "stage4"],
        ),
        feature_size=32,
        mask_feature_size=32,
        hidden_dim=32,
        encoder_feedforward_dim=32,
        dim_feedforward=32,
        encoder_layers=1,
        decoder_layers=3,
        num_attention_heads=2,
        num_queries=7,
        id2label=dict(enumerate(names)),
        label2id={name: i for i, name in enumerate(names)},
    )
    model = Mask2FormerForUniversalSegmentation(config)
    with torch.no_grad():  # masks of random weights are nearly flat: make them differ
        model.model.transformer_module.queries_features.weight.normal_(std=3.0)
        model.class_predictor.weight.normal_(std=1.0)
    model.save_pretrained(folder / "mask2former")
    Mask2FormerImageProcessor(
        size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE}, size_divisor=32
    ).save_pretrained(folder / "mask2former")
