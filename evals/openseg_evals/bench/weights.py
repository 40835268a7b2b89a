"""Checkpoints to measure with: at full size the published architectures with random weights.

Speed does not depend on what weights say, only on their number. Small checkpoints are the mini
models. Tokenizers are always those of the mini models.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from openseg_evals.bench.settings import Settings


def checkpoints(settings: Settings, *families: str) -> Path:
    """A folder with a checkpoint of each family, as `--weights` takes it."""
    folder = settings.folder / "weights"
    for family in families:
        (folder / family).mkdir(parents=True)
        shipped = Path(str(files("openseg"))) / "mini" / "weights" / family
        if settings.full:
            _FULL[family](shipped, folder / family)
        else:
            shutil.copytree(shipped, folder / family, dirs_exist_ok=True)
    return folder


def _grounding_dino(shipped: Path, folder: Path) -> None:
    """Grounding DINO tiny: a Swin of 96 channels and a BERT of 768."""
    from transformers import (
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
    )

    _save(GroundingDinoForObjectDetection, GroundingDinoConfig(), folder)
    GroundingDinoImageProcessor().save_pretrained(folder)
    _copy_tokenizer(shipped, folder)


def _sam(shipped: Path, folder: Path) -> None:
    """SAM ViT-B, its mask head set so that default thresholds keep some masks and drop others."""
    import torch
    from transformers import SamConfig, SamImageProcessor, SamModel

    del shipped
    torch.manual_seed(0)
    model = SamModel(SamConfig())
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "pos_embed" in name or "rel_pos" in name:
                weight.normal_(std=0.02)
        # Masks of random weights are noise; faint features leave the place to shape them.
        model.vision_encoder.neck.layer_norm2.weight.mul_(0.05)
        decoder = model.mask_decoder
        for up in (decoder.upscale_conv1, decoder.upscale_conv2):
            up.weight.copy_(up.weight[:, :, :1, :1].expand_as(up.weight))
        for layer in decoder.transformer.layers:
            layer.cross_attn_image_to_token.q_proj.weight.mul_(8)
            layer.cross_attn_image_to_token.out_proj.weight.mul_(8)
        for head in decoder.output_hypernetworks_mlps:
            head.proj_out.weight.mul_(400)
        decoder.iou_prediction_head.proj_out.bias.fill_(0.88)
    model.save_pretrained(folder)
    SamImageProcessor().save_pretrained(folder)


def _clip(shipped: Path, folder: Path) -> None:
    """CLIP ViT-B/32; its texts are encoded by a small network, which is not measured."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    text = CLIPConfig.from_pretrained(shipped, local_files_only=True).text_config.to_dict()
    _save(CLIPModel, CLIPConfig(text_config=text, projection_dim=512), folder)
    CLIPImageProcessor().save_pretrained(folder)
    _copy_tokenizer(shipped, folder)


def _save(architecture: Any, config: Any, folder: Path) -> None:
    import torch

    torch.manual_seed(0)
    architecture(config).save_pretrained(folder)


def _copy_tokenizer(shipped: Path, folder: Path) -> None:
    for file in shipped.glob("tokenizer*"):
        shutil.copy(file, folder)


_FULL: dict[str, Callable[[Path, Path], None]] = {
    "grounding-dino": _grounding_dino,
    "sam": _sam,
    "clip": _clip,
}
