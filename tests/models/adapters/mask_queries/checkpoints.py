"""Tiny networks of mask queries with random weights, as checkpoints."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import (
    Mask2FormerConfig,
    Mask2FormerForUniversalSegmentation,
    Mask2FormerImageProcessor,
    OneFormerConfig,
    OneFormerForUniversalSegmentation,
    OneFormerImageProcessor,
    OneFormerProcessor,
    SwinConfig,
)

from tests.models.adapters.pictures import picture
from tests.parity.stable_diffusion.checkpoints import tokenizer_of

NAMES = ("cup", "office chair", "wall")
SIDE = 64


def save_mask2former(folder: Path, names: tuple[str, ...] = NAMES) -> None:
    """Saves `folder/mask2former`, which knows classes of these names."""
    torch.manual_seed(0)
    config = Mask2FormerConfig(
        backbone_config=_backbone(),
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


def save_oneformer(folder: Path, names: tuple[str, ...] = NAMES, stuff: tuple[int, ...] = (2,)):
    """Saves `folder/oneformer`; its class file lies beside the weights. Gives its processor."""
    torch.manual_seed(0)
    config = OneFormerConfig(
        backbone_config=_backbone(),
        conv_dim=32,
        mask_dim=32,
        hidden_dim=32,
        encoder_feedforward_dim=32,
        dim_feedforward=32,
        encoder_layers=1,
        decoder_layers=3,
        num_attention_heads=2,
        num_queries=9,
        id2label=dict(enumerate(names)),
        label2id={name: i for i, name in enumerate(names)},
    )
    home = folder / "oneformer"
    home.mkdir(parents=True)
    classes = {str(i): {"name": n, "isthing": int(i not in stuff)} for i, n in enumerate(names)}
    (home / "classes.json").write_text(json.dumps(classes))
    processor = OneFormerProcessor(
        image_processor=OneFormerImageProcessor(
            size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE},
            repo_path=str(home),
            class_info_file="classes.json",
            num_text=5,
        ),
        tokenizer=tokenizer_of(("the", "task", "is", "panoptic", "instance", "semantic"), 77),
    )
    processor.save_pretrained(home)
    model = OneFormerForUniversalSegmentation(config).eval()
    inputs = processor(picture(SIDE, SIDE).pixels, ["panoptic"], return_tensors="pt")
    with torch.no_grad():  # queries of random weights are nearly equal: make their classes differ
        decoder = model.model.transformer_module
        decoder.queries_embedder.weight.normal_(std=3.0)
        head = decoder.decoder.class_embed
        head.weight.normal_(std=2.0)
        head.bias -= model(**inputs).class_queries_logits.mean(dim=(0, 1))
    model.save_pretrained(home)
    return processor


def _backbone() -> SwinConfig:
    return SwinConfig(
        image_size=SIDE,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 1, 1],
        window_size=4,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
