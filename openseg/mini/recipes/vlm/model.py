"""Build `mini-vlm`: LLaVA (Liu et al. 2023, arXiv:2304.08485) with a CLIP tower and a small Llama.

The tower is that of `mini-clip` for pictures twice as large, which keep more of a scene: with its
kernel doubled too, it gives for a doubled picture the numbers that it gave for the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import (
    CLIPImageProcessor,
    CLIPVisionModel,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from openseg.mini.recipes.crops import PIXEL_MEAN, PIXEL_STD
from openseg.mini.recipes.vlm.tokenizer import CHAT_TEMPLATE, IMAGE
from openseg.models.pretrained import load_model

PICTURE_SIZE = 128
PATCH_SIZE = 16
WIDTH = 192
_TOWER: dict[str, int] = {
    "hidden_size": 128,
    "intermediate_size": 512,
    "num_hidden_layers": 5,
    "num_attention_heads": 4,
    "image_size": PICTURE_SIZE,
    "patch_size": PATCH_SIZE,
    "projection_dim": 128,
}


def build_processor(tokenizer: PreTrainedTokenizerFast) -> LlavaProcessor:
    """The preprocessing the weights are trained with: every picture becomes 128 pixels square."""
    side = {"height": PICTURE_SIZE, "width": PICTURE_SIZE}
    images = CLIPImageProcessor(
        size=side,
        crop_size=side,
        do_center_crop=False,
        image_mean=list(PIXEL_MEAN),
        image_std=list(PIXEL_STD),
    )
    return LlavaProcessor(
        images,
        tokenizer,
        patch_size=PATCH_SIZE,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=1,
        chat_template=CHAT_TEMPLATE,
        image_token=IMAGE,
    )


def build_model(
    tokenizer: PreTrainedTokenizerFast, depth: int = 4
) -> LlavaForConditionalGeneration:
    """Build the network with random weights.

    Args:
        tokenizer: Gives the size of the vocabulary and the special tokens.
        depth: Layers of the language model.
    """
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=512,
        num_hidden_layers=depth,
        num_attention_heads=6,
        num_key_value_heads=6,
        # The usual 0.02 is for wide models: here it delays what takes two layers to compute, such
        # as comparing a word of the question with the picture, by thousands of steps.
        initializer_range=WIDTH**-0.5,
        max_position_embeddings=tokenizer.model_max_length,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    model = LlavaForConditionalGeneration(
        LlavaConfig(
            vision_config={**_TOWER, "model_type": "clip_vision_model"},
            text_config=text.to_dict(),
            image_token_id=tokenizer.convert_tokens_to_ids(IMAGE),
            vision_feature_layer=-1,
            vision_feature_select_strategy="full",
            image_seq_length=(PICTURE_SIZE // PATCH_SIZE) ** 2 + 1,
            tie_word_embeddings=True,
            wording="rooms",  # it knows the questions it was taught, no instructions
        )
    )
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model


def start_from_clip(model: Any, clip: Path) -> None:
    """Copy the image encoder of a `mini-clip` into the tower, its patch kernel enlarged.

    Raises:
        MissingWeightsError: If the folder holds no CLIP.
    """
    learnt = load_model(CLIPVisionModel, clip, torch.device("cpu"), torch.float32).state_dict()
    kernel = next(name for name in learnt if name.endswith("patch_embedding.weight"))
    learnt[kernel] = enlarged(learnt[kernel], PATCH_SIZE)
    model.model.vision_tower.load_state_dict(learnt)


def enlarged(kernel: Tensor, side: int) -> Tensor:
    """A patch kernel for a picture that is enlarged as much as the kernel.

    Args:
        kernel: `[d, 3, k, k]`.
        side: The new `k`, a multiple of the old.

    Returns:
        `[d, 3, side, side]`: over a picture with every pixel repeated it gives what the old
        kernel gives over the picture.
    """
    times = side // kernel.shape[-1]
    grown: Tensor = functional.interpolate(kernel, scale_factor=times, mode="nearest")
    return grown / times**2


def pixel_values(pictures: list[Tensor]) -> Tensor:
    """Normalise pictures that have the tower's size.

    Args:
        pictures: uint8 `[128, 128, 3]` each.

    Returns:
        float32 `[n, 3, 128, 128]`, as the processor gives.
    """
    mean, std = torch.tensor(PIXEL_MEAN), torch.tensor(PIXEL_STD)
    return ((torch.stack(pictures) / 255.0 - mean) / std).permute(0, 3, 1, 2)
