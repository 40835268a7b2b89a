"""The mini SAM 3: the `transformers` class on 256 px, with the text tower of the mini CLIP.

The class starts for pretrained parts: all boxes in the middle of the image and weights of 0.02,
which at width 96 lets nothing through. `build_model` spreads the boxes over a grid and starts
layers by their own width.
"""

from __future__ import annotations

import torch
from torch import nn
from transformers import (
    CLIPTextConfig,
    CLIPTokenizer,
    Sam3Config,
    Sam3ImageProcessor,
    Sam3Model,
    Sam3Processor,
    Sam3VisionConfig,
    Sam3ViTConfig,
)

IMAGE_SIZE = 256
PATCH = 16
MASK_SIZE = 4 * IMAGE_SIZE // PATCH
"""Side of the network's masks."""
MEAN = STD = (0.5, 0.5, 0.5)
CONTEXT = 32
"""Tokens of a text, as many as the published one reads."""

_WIDTH, _TEXT_WIDTH = 96, 128
_SIDE = 6
_START_SIZE = 0.25
"""Boxes start as a grid of 6 by 6, each a quarter of the image wide and high."""


def model_config(tokenizer: CLIPTokenizer) -> Sam3Config:
    """The architecture: a plain vision transformer with three maps, DETR of three layers each.

    Args:
        tokenizer: tokenizer of the mini CLIP.
    """
    shared = {"hidden_size": _WIDTH, "num_attention_heads": 4, "intermediate_size": 4 * _WIDTH}
    layers = {**shared, "dropout": 0.0}
    vision = Sam3ViTConfig(
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=6,
        num_attention_heads=4,
        image_size=IMAGE_SIZE,
        patch_size=PATCH,
        window_size=8,
        global_attn_indexes=[1, 3, 5],
        pretrain_image_size=IMAGE_SIZE,
    )
    grid = IMAGE_SIZE // PATCH
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=_TEXT_WIDTH,
        intermediate_size=4 * _TEXT_WIDTH,
        projection_dim=_TEXT_WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Sam3Config(
        vision_config=Sam3VisionConfig(
            backbone_config=vision,
            fpn_hidden_size=_WIDTH,
            backbone_feature_sizes=[[4 * grid] * 2, [2 * grid] * 2, [grid] * 2],
        ),
        text_config=text.to_dict(),
        geometry_encoder_config={**layers, "num_layers": 1, "roi_size": 3},
        detr_encoder_config={**layers, "num_layers": 3},
        detr_decoder_config={**layers, "num_layers": 3, "num_queries": _SIDE**2},
        mask_decoder_config={
            "hidden_size": _WIDTH,
            "num_upsampling_stages": 2,
            "num_attention_heads": 4,
        },
    )


def build_model(tokenizer: CLIPTokenizer, *, seed: int = 0) -> Sam3Model:
    """Build the network with random weights and a start that training from scratch can leave.

    Args:
        tokenizer: tokenizer of the mini CLIP.
        seed: seed of the random weights.
    """
    torch.manual_seed(seed)
    model = Sam3Model(model_config(tokenizer))
    _start(model)
    return model


def build_processor(tokenizer: CLIPTokenizer) -> Sam3Processor:
    """The preprocessing the weights are trained with.

    Args:
        tokenizer: tokenizer of the mini CLIP.
    """
    side = {"height": IMAGE_SIZE, "width": IMAGE_SIZE}
    mask = {"height": MASK_SIZE, "width": MASK_SIZE}
    images = Sam3ImageProcessor(size=side, mask_size=mask, image_mean=MEAN, image_std=STD)
    return Sam3Processor(images, tokenizer)


@torch.no_grad()
def _start(model: Sam3Model) -> None:
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
        elif isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
    decoder = model.detr_decoder
    middles = (torch.arange(_SIDE) + 0.5) / _SIDE
    y, x = torch.meshgrid(middles, middles, indexing="ij")
    boxes = torch.full((_SIDE**2, 4), _START_SIZE)
    boxes[:, 0], boxes[:, 1] = x.flatten(), y.flatten()
    decoder.reference_points.weight.copy_(torch.logit(boxes))
    nn.init.xavier_uniform_(model.dot_product_scoring.text_proj.weight, gain=0.1)
    # Before anything is learnt, boxes stay where they are.
    nn.init.zeros_(decoder.box_head.layer3.weight)
