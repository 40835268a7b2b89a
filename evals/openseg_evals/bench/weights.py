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
    import torch
    from transformers import (
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
    )

    torch.manual_seed(0)
    model = GroundingDinoForObjectDetection(GroundingDinoConfig())
    words = model.model.encoder.layers[-1].text_enhancer_layer.layer_norm_after
    torch.nn.init.constant_(words.weight, 0.02)  # else scores of random weights are all 1
    model.save_pretrained(folder)
    GroundingDinoImageProcessor().save_pretrained(folder)
    _copy_tokenizer(shipped, folder)


def _sam(shipped: Path, folder: Path) -> None:
    """SAM ViT-B whose masks are blobs, of which default thresholds keep some and drop others."""
    from transformers import SamImageProcessor

    from openseg_evals.bench.blob_sam import blob_sam

    del shipped
    blob_sam().save_pretrained(folder)
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
