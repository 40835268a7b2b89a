"""A random Stable Diffusion pipeline of a few hundred kilobytes, saved as diffusers saves it."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

LATENT_SIDE = 16
IMAGE_SIDE = 32
WORDS = ("cup", "hat", "red", "the", "photo", "plant", "potted", "of")
"""Words that are one token; others are spelled in bytes."""


def tokenizer_of(words: tuple[str, ...], context: int) -> CLIPTokenizer:
    """CLIP's byte-level tokenizer with merges, from the left, for a few words."""
    spelled = [[*word[:-1], f"{word[-1]}</w>"] for word in words]
    pairs = [("".join(some[:i]), some[i]) for some in spelled for i in range(1, len(some))]
    merges = list(dict.fromkeys(pairs))
    letters = sorted(ByteLevel.alphabet())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += dict.fromkeys(a + b for a, b in merges)
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: at for at, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=context)


def save_pipeline(folder: Path, prediction: str = "epsilon") -> Path:
    """Builds it with sharpened attention, so that maps differ, and saves it."""
    torch.manual_seed(3)
    tokenizer = tokenizer_of(WORDS, context=24)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=24,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 16),
        norm_num_groups=4,
        sample_size=IMAGE_SIDE,
    )
    unet = UNet2DConditionModel(
        sample_size=LATENT_SIDE,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        block_out_channels=(16, 32, 32),
        only_cross_attention=(True, False, False),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=32,
        attention_head_dim=(2, 4, 4),
    )
    with torch.no_grad():
        for name, weight in unet.named_parameters():
            if ".to_q." in name or ".to_k." in name:
                weight.mul_(4.0)
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        # Not the sampler of the adapter: only its noise may matter.
        scheduler=PNDMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            skip_prk_steps=True,
            steps_offset=1,
            prediction_type=prediction,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder
