"""Train `mini-sd` in two parts: the autoencoder, then what draws in its latents from words."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn.functional import avg_pool2d

from openseg.mini.recipes.data import SceneShards
from openseg.mini.recipes.stable_diffusion import autoencoder
from openseg.mini.recipes.stable_diffusion.captions import MiniCaptions
from openseg.mini.recipes.stable_diffusion.diffusion import (
    GROUNDING_WEIGHT,
    Denoiser,
    DiffusionLoss,
)
from openseg.mini.recipes.stable_diffusion.evaluate import evaluate
from openseg.mini.recipes.stable_diffusion.networks import (
    IMAGE_SIDE,
    build_autoencoder,
    build_pipeline,
    build_scheduler,
    build_text_encoder,
    build_unet,
)
from openseg.mini.recipes.training import Plan, Trainer
from openseg.models.adapters.stable_diffusion.parts import Parts
from openseg.models.adapters.stable_diffusion.reader import StableDiffusion

VALIDATION_SCENES = 40


def train_autoencoder(
    data: Path, out: Path, plan: Plan, *, seed: int = 0, resume: bool = False
) -> None:
    """Train the autoencoder and leave it in ``out/model``.

    Args:
        data: folder of the rendered splits.
        out: folder for log, plot, checkpoint and model.
        plan: length and optimiser settings.
        seed: seed of weights and crops.
        resume: continue from the checkpoint in `out`.
    """
    torch.manual_seed(seed)
    device = _device()
    model: Any = build_autoencoder().to(device, memory_format=torch.channels_last)
    pictures = whole_pictures(SceneShards(data, "val"), VALIDATION_SCENES).to(device)

    def save(average: Any) -> None:
        autoencoder.set_scale(average, pictures)
        average.save_pretrained(out / "model")

    Trainer(model, plan, out, resume=resume).run(
        autoencoder.AutoencoderLoss(model, SceneShards(data, "train"), seed),
        lambda average: autoencoder.evaluate(average, pictures),
        save,
    )


def train_denoiser(
    data: Path,
    out: Path,
    plan: Plan,
    trained: Path,
    *,
    seed: int = 0,
    resume: bool = False,
    grounding: float = GROUNDING_WEIGHT,
) -> None:
    """Train UNet and text encoder and leave the whole pipeline in ``out/model``.

    Args:
        data: folder of the rendered splits.
        out: folder for log, plot, checkpoint and model.
        plan: length and optimiser settings.
        trained: folder of the trained autoencoder.
        seed: seed of weights, views, noise.
        resume: continue from the checkpoint in `out`.
        grounding: weight of the auxiliary loss.
    """
    torch.manual_seed(seed)
    device = _device()
    latent: Any = AutoencoderKL.from_pretrained(
        trained, local_files_only=True, use_safetensors=True, low_cpu_mem_usage=False
    )
    latent = latent.eval().requires_grad_(False).to(device)
    text_encoder, tokenizer = build_text_encoder()
    unet: Any = build_unet(text_encoder.config.hidden_size)
    model = Denoiser(unet.to(memory_format=torch.channels_last), text_encoder).to(device)
    validation = SceneShards(data, "val")
    scenes = [validation[i] for i in range(min(VALIDATION_SCENES, len(validation)))]

    def scores(average: Any) -> dict[str, float]:
        parts = Parts(tokenizer, average.text_encoder, latent, average.unet, build_scheduler())
        found = asdict(evaluate(StableDiffusion(parts), scenes))
        return {name: found[name] for name in ("pointing", "adjective", "listed", "chance")}

    def save(average: Any) -> None:
        # The text encoder stays in single precision, which is then what the whole is loaded in.
        halves = deepcopy(latent).half(), deepcopy(average.unet).half()
        whole = build_pipeline(*halves, average.text_encoder, tokenizer)
        whole.save_pretrained(out / "model")

    views = MiniCaptions(SceneShards(data, "train"))
    Trainer(model, plan, out, resume=resume).run(
        DiffusionLoss(model, latent, tokenizer, views, seed, grounding), scores, save
    )


def train(data: Path, out: Path, plan: Plan, *, seed: int = 0, resume: bool = False) -> None:
    """Train everything: a sixth of the plan for the autoencoder, the rest for what draws.

    Args:
        data: folder of the rendered splits.
        out: gets a folder for each part; ``out/denoiser/model`` is the whole pipeline.
        plan: steps and minutes of the whole.
        seed: seed of every draw.
        resume: continue with the part that was interrupted.
    """
    first, second = out / "autoencoder", out / "denoiser"
    started = (second / "checkpoint.pt").exists()
    if not (resume and started):
        part = replace(
            plan,
            steps=max(1, plan.steps // 6),
            minutes=plan.minutes / 6,
            learning_rate=2e-3,
            weight_decay=0.0,
            ema=0.995,
        )
        train_autoencoder(
            data, first, part, seed=seed, resume=resume and (first / "checkpoint.pt").exists()
        )
    rest = replace(plan, minutes=plan.minutes * 5 / 6)
    train_denoiser(data, second, rest, first / "model", seed=seed, resume=resume and started)


def whole_pictures(scenes: SceneShards, count: int) -> Tensor:
    """Scenes as the diffusion model sees them, float32 [n, 3, 128, 128] in -1 to 1."""
    pixels = torch.stack(
        [torch.from_numpy(scenes[i].image.copy()) for i in range(min(count, len(scenes)))]
    )
    values = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1.0
    return avg_pool2d(values, values.shape[-1] // IMAGE_SIDE)


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
