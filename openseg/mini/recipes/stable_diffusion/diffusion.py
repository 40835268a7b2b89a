"""Train the UNet and the text encoder of `mini-sd` on captioned views.

The loss is that of latent diffusion (predict v from noisy latents and a caption) plus a small
multiple of `grounding_loss`, which makes words attend to what they mean long before a model of this
size would find that out by drawing alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from openseg.mini.recipes.stable_diffusion.captions import CaptionedViews
from openseg.mini.recipes.stable_diffusion.grounding import grounded_words, grounding_loss
from openseg.mini.recipes.stable_diffusion.networks import IMAGE_SIDE, build_scheduler
from openseg.mini.recipes.stable_diffusion.views import TrainingView, training_view
from openseg.mini.recipes.training import half_precision
from openseg.models.adapters.stable_diffusion.capture import by_stride, recorded
from openseg.models.adapters.stable_diffusion.spans import Spelling, spell

VIEWS_A_STEP = 8
SILENT_SHARE = 0.1
"""Views whose caption is left empty, which guidance without a classifier needs."""
GROUNDING_WEIGHT = 0.5


class Denoiser(nn.Module):
    """What is trained together: the UNet and the text encoder.

    Args:
        unet: a `UNet2DConditionModel`.
        text_encoder: a `CLIPTextModel`.
    """

    def __init__(self, unet: nn.Module, text_encoder: nn.Module) -> None:
        super().__init__()
        self.unet = unet
        self.text_encoder = text_encoder


class Batches:
    """Makes the batch of each step.

    Args:
        views: where training views come from.
        seed: seed of every draw.
    """

    def __init__(self, views: CaptionedViews, seed: int) -> None:
        self._views = views
        self._seed = seed

    def __call__(self, step: int) -> list[TrainingView]:
        """The cropped views of a step; they depend on seed, step and the source alone."""
        rng = np.random.default_rng((self._seed, step, 1))
        drawn = self._views.draw(step, VIEWS_A_STEP, self._seed)
        return [training_view(view, IMAGE_SIDE, rng) for view in drawn]


class DiffusionLoss:
    """The loss of a batch.

    Args:
        model: the networks to train, on the device they train on.
        autoencoder: the trained autoencoder, on the same device.
        tokenizer: the text encoder's tokenizer.
        seed: seed of noise, noise levels and silent captions.
        grounding: weight of the auxiliary loss; 0 trains by drawing alone.
    """

    def __init__(
        self,
        model: Denoiser,
        autoencoder: Any,
        tokenizer: Any,
        seed: int,
        grounding: float = GROUNDING_WEIGHT,
    ) -> None:
        self._model: Any = model
        self._autoencoder = autoencoder
        self._tokenizer = tokenizer
        self._seed = seed
        self._grounding = grounding
        self._scheduler: Any = build_scheduler()

    def __call__(self, views: Sequence[TrainingView], step: int) -> dict[str, Tensor]:
        """Losses of the batch of a step by name."""
        device = self._autoencoder.device
        chance = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        silent = torch.rand(len(views), generator=chance) < SILENT_SHARE
        views = [
            TrainingView(one.pixels, "", (), one.coverage[:0]) if quiet else one
            for one, quiet in zip(views, silent.tolist(), strict=True)
        ]
        spelled = [spell(self._tokenizer, view.caption) for view in views]
        latents = self._encode(torch.stack([view.pixels for view in views]).to(device), chance)
        noise = torch.randn(latents.shape, generator=chance).to(device)
        total = int(self._scheduler.config.num_train_timesteps)
        times = torch.randint(total, (len(views),), generator=chance).to(device)
        noisy = self._scheduler.add_noise(latents, noise, times)
        found, strides = self._predict(noisy, times, spelled)
        wanted = self._scheduler.get_velocity(latents, noise, times)
        losses = {"loss_denoise": (found - wanted).square().mean()}
        if self._grounding:
            visible = self._scheduler.alphas_cumprod.to(device)[times]
            parts = grounding_loss(strides, grounded_words(views, spelled).to(device), visible)
            losses |= {f"loss_{name}": self._grounding * part for name, part in parts.items()}
        return losses

    @torch.no_grad()
    def _encode(self, pixels: Tensor, chance: torch.Generator) -> Tensor:
        with half_precision(pixels.device):
            found = self._autoencoder.encode(
                pixels.to(memory_format=torch.channels_last)
            ).latent_dist
        mean, deviation = found.mean.float(), found.std.float()
        random = torch.randn(mean.shape, generator=chance).to(pixels.device)
        scaled: Tensor = (mean + deviation * random) * self._autoencoder.config.scaling_factor
        return scaled

    def _predict(
        self, noisy: Tensor, times: Tensor, spelled: Sequence[Spelling]
    ) -> tuple[Tensor, dict[int, Tensor]]:
        ids = torch.tensor([one.ids for one in spelled], device=noisy.device)
        with half_precision(noisy.device), recorded(self._model.unet) as maps:
            states = self._model.text_encoder(ids).last_hidden_state
            found = self._model.unet(
                noisy.to(memory_format=torch.channels_last), times, states
            ).sample
        layers = by_stride(maps, noisy.shape[-1])
        return found.float(), {stride: some.mean(dim=0) for stride, some in layers.items()}
