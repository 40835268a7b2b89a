"""The parts of a Stable Diffusion folder, read one by one; its other parts are not needed here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.utils import logging
from transformers import CLIPTextModel, CLIPTokenizer

from openseg.models.pretrained import load_model
from openseg.types.errors import MissingWeightsError


@dataclass(frozen=True)
class Parts:
    """What reading needs of a text-to-image latent diffusion model.

    Attributes:
        tokenizer: Its `CLIPTokenizer`.
        text_encoder: `CLIPTextModel`.
        autoencoder: `AutoencoderKL`.
        unet: `UNet2DConditionModel`.
        scheduler: Its noise, whatever sampler the checkpoint names.
    """

    tokenizer: Any
    text_encoder: Any
    autoencoder: Any
    unet: Any
    scheduler: Any

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Reads the folder that `StableDiffusionPipeline.save_pretrained` writes.

        Raises:
            MissingWeightsError: If a part is missing or does not fit.
        """
        for name in ("tokenizer", "text_encoder", "vae", "unet", "scheduler"):
            if not (folder / name).is_dir():
                raise MissingWeightsError(
                    f"no folder '{name}' in this checkpoint of Stable Diffusion",
                    where=str(folder),
                    fix="give the folder that holds model_index.json",
                )
        with _quiet():
            return cls(
                CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True),
                load_model(CLIPTextModel, folder / "text_encoder", device, dtype),
                load_model(AutoencoderKL, folder / "vae", device, dtype),
                load_model(UNet2DConditionModel, folder / "unet", device, dtype),
                DDIMScheduler.from_pretrained(folder / "scheduler", local_files_only=True),
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps advice of `diffusers` about packages it would like off the terminal."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)
