"""The mini CLIP: the `transformers` class on crops of 64 px, with three layers of text."""

from __future__ import annotations

from typing import Any

from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor

from openseg.mini.recipes.clip.tokenizer import build_tokenizer
from openseg.mini.recipes.crops import CROP_SIZE, PIXEL_MEAN, PIXEL_STD

WIDTH = 128


def build_processor() -> CLIPProcessor:
    """The preprocessing the weights are trained with: 64 px, CLIP's mean and deviation."""
    images = CLIPImageProcessor(
        size={"shortest_edge": CROP_SIZE},
        crop_size={"height": CROP_SIZE, "width": CROP_SIZE},
        image_mean=list(PIXEL_MEAN),
        image_std=list(PIXEL_STD),
    )
    return CLIPProcessor(images, build_tokenizer())


def build_model(processor: Any, depth: int = 5) -> CLIPModel:
    """Build the network with random weights, its text part for the processor's tokenizer.

    Args:
        processor: gives the size of the vocabulary and the special tokens.
        depth: layers of the image encoder; the text encoder has three.
    """
    tokenizer = processor.tokenizer
    shared = {"hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_attention_heads": 4}
    return CLIPModel(
        CLIPConfig(
            text_config={
                **shared,
                "vocab_size": len(tokenizer),
                "num_hidden_layers": 3,
                "max_position_embeddings": tokenizer.model_max_length,
                "projection_dim": WIDTH,
                # The class takes a text's embedding at its first end token.
                "bos_token_id": tokenizer.bos_token_id,
                "eos_token_id": tokenizer.eos_token_id,
                "pad_token_id": tokenizer.pad_token_id,
            },
            vision_config={
                **shared,
                "num_hidden_layers": depth,
                "image_size": CROP_SIZE,
                "patch_size": 8,
                "projection_dim": WIDTH,
            },
            projection_dim=WIDTH,
        )
    )
