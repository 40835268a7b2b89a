"""The mini Mask2Former: the `transformers` class with a narrow Swin and few queries.

224 px in; Swin's windows of 7 fit all of its four levels.
"""

from __future__ import annotations

import torch
from transformers import (
    Mask2FormerConfig,
    Mask2FormerForUniversalSegmentation,
    Mask2FormerImageProcessor,
    SwinConfig,
)

from openseg.mini.recipes.mask2former.classes import KNOWN

IMAGE_SIZE = 224
LONGEST_EDGE = 448
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
POINTS = 2048
"""Points of a mask that its loss is taken at, as many as 16 % of the published 12,544."""


def build_model(*, seed: int = 0) -> Mask2FormerForUniversalSegmentation:
    """Build the network with random weights, 2.3 million of them.

    Args:
        seed: seed of the random weights.
    """
    torch.manual_seed(seed)
    config = Mask2FormerConfig(
        backbone_config=narrow_swin(),
        feature_size=96,
        mask_feature_size=96,
        hidden_dim=96,
        encoder_layers=2,
        encoder_feedforward_dim=256,
        decoder_layers=5,  # four: the class counts the prediction before the first
        dim_feedforward=256,
        num_attention_heads=3,
        num_queries=40,
        train_num_points=POINTS,
        id2label=dict(enumerate(KNOWN)),
        label2id={name: number for number, name in enumerate(KNOWN)},
    )
    return Mask2FormerForUniversalSegmentation(config)


def narrow_swin() -> SwinConfig:
    """The backbone: Swin as narrow as its windows allow."""
    return SwinConfig(
        image_size=IMAGE_SIZE,
        embed_dim=24,
        depths=[2, 2, 4, 2],
        num_heads=[1, 2, 4, 8],
        window_size=7,
        drop_path_rate=0.0,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )


def build_processor() -> Mask2FormerImageProcessor:
    """The preprocessing the weights are trained with: short side 224, ImageNet mean and std."""
    return Mask2FormerImageProcessor(
        size={"shortest_edge": IMAGE_SIZE, "longest_edge": LONGEST_EDGE},
        size_divisor=32,
        image_mean=list(MEAN),
        image_std=list(STD),
    )
