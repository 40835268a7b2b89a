"""The networks of `mini-sd`, in the classes of `diffusers` and `transformers`, and its folder.

Pictures of 128 pixels become latents of 4 x 32 x 32. The UNet looks at the words at all three of
its resolutions; at the finest, where a patch seeing all others would cost most, only at the words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPConfig, CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from openseg.mini.recipes.clip.tokenizer import build_tokenizer
from openseg.mini.recipes.warm_start import warm_start

IMAGE_SIDE = 128
LATENT_SIDE = 32
MINI_CLIP = Path(__file__).parents[2] / "weights" / "clip"
"""Checkpoint whose text tower the text encoder starts from."""


def build_autoencoder(channels: tuple[int, ...] = (16, 32, 64)) -> AutoencoderKL:
    """Build the autoencoder with random weights: no attention, so it trains on small crops.

    Args:
        channels: width at each resolution, finest first; three of them reduce a side by 4.
    """
    model: Any = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        block_out_channels=channels,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=IMAGE_SIDE,
        mid_block_add_attention=False,
    )
    # Latents start almost without noise: what the decoder cannot see yet it would not learn to use.
    with torch.no_grad():
        model.quant_conv.bias[4:] = -6.0
    return model


def build_unet(
    text_width: int, channels: tuple[int, int, int] = (32, 96, 160), latent_side: int = LATENT_SIDE
) -> UNet2DConditionModel:
    """Build the denoiser with random weights.

    Args:
        text_width: width of the text encoder's states.
        channels: width at each resolution, finest first; multiples of 16.
        latent_side: side of the latents it is made for.
    """
    return UNet2DConditionModel(
        sample_size=latent_side,
        down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
        block_out_channels=channels,
        only_cross_attention=(True, False, False),
        layers_per_block=1,
        norm_num_groups=16,
        cross_attention_dim=text_width,
        # The class reads this as the number of heads.
        attention_head_dim=(2, 4, 4),
    )


def build_text_encoder(clip: Path = MINI_CLIP) -> tuple[CLIPTextModel, CLIPTokenizer]:
    """A text encoder that knows the words of the rooms and starts as the tower of a CLIP.

    Args:
        clip: folder of that checkpoint; words it does not know start at random.
    """
    tokenizer = build_tokenizer()
    config: Any = CLIPConfig.from_pretrained(clip, local_files_only=True)
    wanted = config.text_config.to_dict() | {
        "vocab_size": len(tokenizer),
        "max_position_embeddings": tokenizer.model_max_length,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    encoder = CLIPTextModel(CLIPTextConfig(**wanted))
    warm_start(encoder, clip, tokenizer.get_vocab())
    return encoder, tokenizer


def build_scheduler() -> DDIMScheduler:
    """The noise of Stable Diffusion; the network predicts v (Salimans and Ho, arXiv:2202.00512)."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="v_prediction",
    )


def build_pipeline(
    autoencoder: AutoencoderKL,
    unet: UNet2DConditionModel,
    text_encoder: CLIPTextModel,
    tokenizer: CLIPTokenizer,
) -> StableDiffusionPipeline:
    """Put the parts together as the pipeline users of `diffusers` know."""
    return StableDiffusionPipeline(
        vae=autoencoder,
        unet=unet,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
