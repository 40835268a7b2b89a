"""Train the autoencoder of `mini-sd`: errors of pixels and of edges, and a very little KL.

No adversary and no perceptual network: the mini world is flat colour with sharp borders, which the
errors of pixels and of neighbouring differences keep. Left to itself the network stays at shades of
grey for its first thousand steps; shown the mean colour of each cell for a start, it does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d

from openseg.mini.recipes.stable_diffusion.networks import IMAGE_SIDE
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import half_precision

CROPS_A_STEP = 16
CROP_SIDE = 64
EDGE_WEIGHT = 1.0
KL_WEIGHT = 1e-6
START_STEPS = 400
"""Steps over which the demand fades that three latents be the mean colour of their cell."""


def crops(stills: Stills, step: int, seed: int, count: int = CROPS_A_STEP) -> Tensor:
    """Square parts of stills, float32 [count, 3, 64, 64] in -1 to 1.

    Most are taken at half size, the others at full size: the first is what the diffusion
    model sees; channels are swapped at random, so that all colours are kept alike.
    """
    rng = np.random.default_rng((seed, step, 3))
    drawn = []
    for still in stills.sample(step, count, seed):
        stride = still.image.shape[0] // IMAGE_SIDE if rng.random() < 0.7 else 1
        span = CROP_SIDE * stride
        top, left = (int(rng.integers(side - span + 1)) for side in still.image.shape[:2])
        part = torch.from_numpy(still.image[top : top + span, left : left + span].copy())
        part = part.permute(2, 0, 1).float()
        if rng.random() < 0.5:
            part = part.flip(-1)
        drawn.append(avg_pool2d(part[None], stride)[0])
    return torch.stack(drawn) / 127.5 - 1.0


class AutoencoderLoss:
    """The loss of a step.

    Args:
        model: the autoencoder, on the device it trains on.
        stills: training stills.
        seed: seed of every draw.
    """

    def __init__(self, model: AutoencoderKL, stills: Stills, seed: int) -> None:
        self._model: Any = model
        self._stills = stills
        self._seed = seed

    def __call__(self, step: int) -> dict[str, Tensor]:
        """Losses of one step by name."""
        pixels = crops(self._stills, step, self._seed).to(self._model.device)
        noise = torch.Generator(pixels.device).manual_seed(self._seed * 1_000_003 + step)
        return self.compare(pixels, noise, max(0.0, 1.0 - step / START_STEPS))

    def compare(self, pixels: Tensor, noise: torch.Generator, start: float) -> dict[str, Tensor]:
        """Losses of one batch.

        Args:
            pixels: float32 [b, 3, h, w] in -1 to 1.
            noise: source of the latents' noise.
            start: weight of the demand on the latents.
        """
        pixels = pixels.to(memory_format=torch.channels_last)
        with half_precision(pixels.device):
            latents = self._model.encode(pixels).latent_dist
            sample = latents.mean + latents.std * torch.randn(
                latents.mean.shape, generator=noise, device=pixels.device
            )
            found = self._model.decode(sample).sample
        error = found.float() - pixels
        edges = error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
        colour = adaptive_avg_pool2d(pixels, latents.mean.shape[-2:])
        return {
            "loss_start": start * (latents.mean[:, :3].float() - 2.0 * colour).square().mean(),
            "loss_pixels": error.abs().mean() + error.square().mean(),
            "loss_edges": EDGE_WEIGHT * edges,
            "loss_kl": KL_WEIGHT * latents.kl().mean() / latents.mean[0].numel(),
        }


@torch.inference_mode()
def reconstruct(model: Any, pixels: Tensor) -> Tensor:
    """What is left of pictures, float32 [b, 3, h, w] in -1 to 1, after the most likely latents."""
    found: Tensor = model.decode(model.encode(pixels).latent_dist.mean).sample
    return found.clamp(-1.0, 1.0)


def evaluate(model: Any, pixels: Tensor) -> dict[str, float]:
    """Peak signal-to-noise ratio over whole pictures, in dB of the range 0 to 1."""
    error = (reconstruct(model, pixels) - pixels).square().mean(dim=(1, 2, 3)) / 4.0
    return {"psnr": float((-10.0 * error.log10()).mean())}


@torch.inference_mode()
def set_scale(model: Any, pixels: Tensor) -> None:
    """Write down the factor that brings the latents of pictures to unit deviation."""
    deviation = float(model.encode(pixels).latent_dist.mean.std())
    model.register_to_config(scaling_factor=1.0 / deviation)
