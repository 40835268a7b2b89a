"""The mini Grounding DINO: the `transformers` class at a width two cores can train.

Its class scores are plain dot products of layer-normed features, with no scale and no bias.
At width 96 they start with a spread of about ten and a mean of zero, which drowns training from
scratch; `build_model` starts the last norms so that every score begins near a small prior.
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import nn
from transformers import (
    BertConfig,
    BertTokenizer,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoImageProcessorPil,
    GroundingDinoProcessor,
    SwinConfig,
)

IMAGE_SIZE = 240
"""Shortest edge in pixels that the model trains and runs at."""
LONGEST_EDGE = 480
STRIDES = (8, 16, 32)
"""Pixels between neighbouring tokens of each feature level."""
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

_PRIOR_LOGIT = 4.0
_NORM_GAIN = 0.3


def model_config(vocab_size: int) -> GroundingDinoConfig:
    """Return the architecture: Swin with three feature levels, BERT of two layers, width 96.

    Args:
        vocab_size: number of entries of the tokenizer.
    """
    backbone = SwinConfig(
        image_size=IMAGE_SIZE,
        embed_dim=32,
        depths=[2, 2, 4, 2],
        num_heads=[2, 4, 8, 16],
        window_size=5,
        drop_path_rate=0.0,
        out_features=["stage2", "stage3", "stage4"],
    )
    text = BertConfig(
        vocab_size=vocab_size,
        hidden_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=192,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        max_position_embeddings=256,
    )
    return GroundingDinoConfig(
        backbone_config=backbone,
        text_config=text,
        d_model=96,
        num_queries=100,
        num_feature_levels=3,
        encoder_layers=2,
        encoder_ffn_dim=384,
        encoder_attention_heads=6,
        encoder_n_points=2,
        decoder_layers=2,
        decoder_ffn_dim=384,
        decoder_attention_heads=6,
        dropout=0.0,
        fusion_droppath=0.0,
        positional_embedding_temperature=20,
    )


def build_model(vocab_size: int, *, seed: int = 0) -> GroundingDinoForObjectDetection:
    """Build the model with random weights and a start that from-scratch training can leave.

    Args:
        vocab_size: number of entries of the tokenizer.
        seed: seed of the random weights.
    """
    torch.manual_seed(seed)
    model = GroundingDinoForObjectDetection(model_config(vocab_size))
    _start_scores_at_prior(model)
    return model


def build_processor(tokenizer: BertTokenizer) -> GroundingDinoProcessor:
    """Return the processor that feeds the model as it was trained.

    Args:
        tokenizer: tokenizer of `text.build_tokenizer`.
    """
    image_processor = GroundingDinoImageProcessorPil(
        size={"shortest_edge": IMAGE_SIZE, "longest_edge": LONGEST_EDGE},
        image_mean=list(MEAN),
        image_std=list(STD),
    )
    return GroundingDinoProcessor(image_processor, tokenizer)


@torch.no_grad()
def _start_scores_at_prior(model: GroundingDinoForObjectDetection) -> None:
    """Scale the last norms and give them opposite constant biases.

    A layer-normed vector has zero mean, so a constant bias vector is orthogonal to it: opposite
    constants on the two sides add exactly `-_PRIOR_LOGIT` to every score and nothing else.
    """
    core = model.model
    offset = math.sqrt(_PRIOR_LOGIT / core.config.d_model)
    text_norm = cast("nn.LayerNorm", core.encoder.layers[-1].text_enhancer_layer.layer_norm_after)
    text_norm.weight.fill_(_NORM_GAIN)
    text_norm.bias.fill_(offset)
    for norm in (core.enc_output_norm, core.decoder.layer_norm):
        norm.weight.fill_(_NORM_GAIN)
        norm.bias.fill_(-offset)
    for layer in core.encoder.layers:
        # The class starts fusion at 1e-4, meant for pretrained parts on both sides.
        layer.fusion_layer.vision_param.fill_(0.2)
        layer.fusion_layer.text_param.fill_(0.2)
    # The class zeroes every prediction head, the one that makes query positions included.
    nn.init.xavier_uniform_(core.decoder.reference_points_head.layers[-1].weight)
