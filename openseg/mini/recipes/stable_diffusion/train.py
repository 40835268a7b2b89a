"""Train `mini-sd`, a text-to-image latent diffusion model, on the mini rooms.

First the autoencoder, for a fifth of the time, then the UNet and the text encoder in its latents
(Rombach et al. 2022, arXiv:2112.10752), helped by an auxiliary loss that draws the attention of
words to the pixels they mean. `--start` takes a pipeline's folder and leaves its autoencoder as is.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor
from torch.nn.functional import avg_pool2d
from transformers import CLIPTextModel, CLIPTokenizer

from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.stable_diffusion import autoencoder
from openseg.mini.recipes.stable_diffusion.diffusion import (
    GROUNDING_WEIGHT,
    Batches,
    Denoiser,
    DiffusionLoss,
)
from openseg.mini.recipes.stable_diffusion.evaluate import pointing_scores
from openseg.mini.recipes.stable_diffusion.networks import (
    IMAGE_SIDE,
    build_autoencoder,
    build_pipeline,
    build_text_encoder,
    build_unet,
)
from openseg.mini.recipes.stable_diffusion.room_captions import RoomCaptions
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer
from openseg.models.adapters.stable_diffusion.reader import StableDiffusion
from openseg.types.errors import UserError

PLAN = Plan(
    steps=30_000,
    learning_rate=1e-3,
    weight_decay=0.01,
    warmup=100,
    ema=0.998,
    report_minutes=10.0,
)
AUTOENCODER_SHARE = 0.2
VALIDATION_STILLS = 30


def train(
    data: Path,
    out: Path,
    plan: Plan,
    *,
    start: Path | None = None,
    device: str = "cpu",
    workers: int = 0,
    seed: int = 0,
    resume: bool = False,
) -> dict[str, float]:
    """Train on the ``train`` split, report on ``val``, leave a pipeline in ``out/model``.

    Args:
        data: folder of the rendered splits.
        out: folder for log, plot, checkpoint and model; the autoencoder's are in a folder in it.
        plan: length and optimiser settings of the whole.
        start: folder of a pipeline to start from.
        device: where to train.
        workers: processes that make batches.
        seed: seed of weights and draws.
        resume: continue the part that was interrupted.

    Returns:
        The last scores on ``val``.

    Raises:
        UserError: a split has no stills, or `start` is no pipeline.
    """
    first = out / "autoencoder"
    share = 0.0 if start else AUTOENCODER_SHARE
    if start is None and not (resume and (out / "checkpoint.pt").exists()):
        part = replace(
            plan,
            steps=max(1, round(plan.steps * share)),
            minutes=plan.minutes * share,
            learning_rate=2e-3,
            weight_decay=0.0,
            ema=0.995,
        )
        halfway = resume and (first / "checkpoint.pt").exists()
        train_autoencoder(data, first, part, device=device, seed=seed, resume=halfway)
    return train_denoiser(
        data,
        out,
        replace(plan, minutes=plan.minutes * (1.0 - share)),
        start / "vae" if start else first / "model",
        start=start,
        device=device,
        workers=workers,
        seed=seed,
        resume=resume and (out / "checkpoint.pt").exists(),
    )


def train_autoencoder(
    data: Path, out: Path, plan: Plan, *, device: str, seed: int, resume: bool
) -> dict[str, float]:
    """Train the autoencoder and leave it in ``out/model``; see `train`."""
    torch.manual_seed(seed)
    model: Any = build_autoencoder()
    model.to(device, memory_format=torch.channels_last)
    pictures = whole_pictures(Stills(data, "val"), VALIDATION_STILLS).to(device)
    loss = autoencoder.AutoencoderLoss(model, Stills(data, "train"), seed)

    def save(average: Any) -> None:
        autoencoder.set_scale(average, pictures)
        average.save_pretrained(out / "model")

    return Trainer(model, plan, out, resume=resume).run(
        loss, lambda average: autoencoder.evaluate(average, pictures), save
    )


def train_denoiser(
    data: Path,
    out: Path,
    plan: Plan,
    trained: Path,
    *,
    start: Path | None = None,
    device: str,
    workers: int = 0,
    seed: int = 0,
    resume: bool = False,
    grounding: float = GROUNDING_WEIGHT,
) -> dict[str, float]:
    """Train UNet and text encoder and leave the whole pipeline in ``out/model``; see `train`.

    Args:
        data: folder of the rendered splits.
        out: folder for log, plot, checkpoint and model.
        plan: length and optimiser settings.
        trained: folder of the trained autoencoder.
        start: folder of a pipeline whose UNet and text encoder to start from.
        device: where to train.
        workers: processes that make batches.
        seed: seed of weights and draws.
        resume: continue from the checkpoint in `out`.
        grounding: weight of the auxiliary loss; 0 for the ablation without it.
    """
    torch.manual_seed(seed)
    latent: Any = _read(AutoencoderKL, trained)
    latent.requires_grad_(False).to(device)
    text_encoder, tokenizer = build_text_encoder()
    unet: Any = build_unet(text_encoder.config.hidden_size)
    if start is not None:
        unet = _read(UNet2DConditionModel, start / "unet")
        text_encoder = CLIPTextModel.from_pretrained(start / "text_encoder", local_files_only=True)
        tokenizer = CLIPTokenizer.from_pretrained(start / "tokenizer", local_files_only=True)
    model = Denoiser(unet.to(memory_format=torch.channels_last), text_encoder).to(device)
    validation = Stills(data, "val").first(VALIDATION_STILLS)
    feed = Feed(Batches(RoomCaptions(Stills(data, "train")), seed), workers)
    loss = DiffusionLoss(model, latent, tokenizer, seed, grounding)

    def scores(_: Any) -> dict[str, float]:
        reader = StableDiffusion.load(out / "model", torch.device(device), torch.float32)
        found = pointing_scores(reader, validation)
        return {name: score.value for name, score in found.items() if score.count}

    def save(average: Any) -> None:
        # The text encoder stays in single precision, which is then what the whole is loaded in.
        halves = deepcopy(latent).half(), deepcopy(average.unet).half()
        whole = build_pipeline(*halves, average.text_encoder, tokenizer)
        whole.save_pretrained(out / "model")

    return Trainer(model, plan, out, resume=resume).run(
        lambda step: loss(feed(step), step), scores, save
    )


def whole_pictures(stills: Stills, count: int) -> Tensor:
    """Stills as the diffusion model sees them, float32 [n, 3, 128, 128] in -1 to 1."""
    pixels = torch.stack([torch.from_numpy(still.image.copy()) for still in stills.first(count)])
    values = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1.0
    return avg_pool2d(values, values.shape[-1] // IMAGE_SIDE)


def _read(architecture: Any, folder: Path) -> Any:
    """A part of a pipeline in single precision.

    Raises:
        UserError: it is not there.
    """
    if not (folder / "config.json").exists():
        raise UserError(
            f"no {architecture.__name__} here", where=str(folder), fix="name a pipeline's folder"
        )
    part = architecture.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        torch_dtype=torch.float32,
        low_cpu_mem_usage=False,
    )
    # diffusers keeps the folder in the configuration, which would ship with it.
    part.register_to_config(_name_or_path="")
    return part
