"""A Stable Diffusion pipeline with random weights: the published widths, or very small ones."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def save_pipeline(folder: Path, *, full: bool, side: int) -> None:
    """Saves a pipeline as `diffusers` does.

    Args:
        folder: Where to.
        full: Whether of the widths of Stable Diffusion 1.5.
        side: Of the latents; an eighth of the picture's.
    """
    import torch
    from diffusers import (
        AutoencoderKL,
        DDIMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(0)
    shipped = Path(str(files("openseg"))) / "mini" / "weights" / "clip"
    tokenizer = CLIPTokenizer.from_pretrained(shipped, local_files_only=True)
    width, channels, layers = (768, 320, 12) if full else (32, 16, 2)
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=12 if full else 2,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    levels = (channels, 2 * channels, 4 * channels, 4 * channels)
    unet = UNet2DConditionModel(
        sample_size=side,
        cross_attention_dim=width,
        block_out_channels=levels,
        norm_num_groups=32 if full else 8,
        attention_head_dim=8 if full else 2,
        layers_per_block=2 if full else 1,
    )
    coder = (128, 256, 512, 512) if full else (8, 16, 16, 16)
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=coder,
        layers_per_block=2 if full else 1,
        norm_num_groups=32 if full else 8,
    )
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(text),
        tokenizer=tokenizer,
        unet=unet,
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
