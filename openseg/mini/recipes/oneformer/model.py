"""The mini OneFormer: the `transformers` class with the backbone of the mini Mask2Former."""

from __future__ import annotations

from copy import deepcopy

import torch
from transformers import (
    CLIPTokenizer,
    OneFormerConfig,
    OneFormerForUniversalSegmentation,
    OneFormerImageProcessor,
    OneFormerProcessor,
)

from openseg.mini.recipes.mask2former.classes import KNOWN
from openseg.mini.recipes.mask2former.model import (
    IMAGE_SIZE,
    LONGEST_EDGE,
    MEAN,
    POINTS,
    STD,
    narrow_swin,
)
from openseg.mini.recipes.oneformer.words import LENGTH, SENTENCES
from openseg.mini.rooms.vocabulary import STRUCTURE

LEARNED_TEXTS = 4
"""Queries whose text is learned."""


def build_model(tokenizer: CLIPTokenizer, *, seed: int = 0) -> OneFormerForUniversalSegmentation:
    """Build the network as it trains, with its text encoder and random weights.

    Args:
        tokenizer: what its sentences are read by.
        seed: seed of the random weights.
    """
    torch.manual_seed(seed)
    config = OneFormerConfig(
        backbone_config=narrow_swin(),
        conv_dim=96,
        mask_dim=96,
        hidden_dim=96,
        encoder_layers=2,
        encoder_feedforward_dim=512,
        decoder_layers=5,  # four: the class counts the prediction before the first
        query_dec_layers=2,
        dim_feedforward=512,
        num_attention_heads=3,
        num_queries=SENTENCES + LEARNED_TEXTS,
        dropout=0.0,
        train_num_points=POINTS,
        task_seq_len=LENGTH,
        text_encoder_context_length=LENGTH,
        text_encoder_width=96,  # as its learned texts, which stand beside it, must be
        text_encoder_num_layers=2,
        text_encoder_vocab_size=len(tokenizer),
        text_encoder_n_ctx=LEARNED_TEXTS,
        is_training=True,
        id2label=dict(enumerate(KNOWN)),
        label2id={name: number for number, name in enumerate(KNOWN)},
    )
    model = OneFormerForUniversalSegmentation(config)
    network = model.model
    with torch.no_grad():
        # The authors draw these from N(0, 1); the class starts them near 0, where all queries are
        # one and stay so for long.
        network.transformer_module.queries_embedder.weight.normal_()
        network.transformer_module.level_embed.weight.normal_()
        network.pixel_level_module.decoder.level_embed.normal_()
        network.text_mapper.prompt_ctx.weight.normal_()
    return model


def without_texts(
    model: OneFormerForUniversalSegmentation,
) -> OneFormerForUniversalSegmentation:
    """A copy as it ships: texts are for training only."""
    bare = deepcopy(model)
    bare.model.text_mapper = None
    bare.model.is_training = bare.config.is_training = False
    return bare


def build_processor(tokenizer: CLIPTokenizer) -> OneFormerProcessor:
    """The preprocessing the weights are trained with, and which classes are things."""
    things = [place for place, name in enumerate(KNOWN) if name not in STRUCTURE]
    pictures = OneFormerImageProcessor(
        size={"shortest_edge": IMAGE_SIZE, "longest_edge": LONGEST_EDGE},
        image_mean=list(MEAN),
        image_std=list(STD),
        metadata={"class_names": list(KNOWN), "thing_ids": things},
    )
    return OneFormerProcessor(pictures, tokenizer, max_seq_length=LENGTH, task_seq_length=LENGTH)
