"""Textual inversion on one image: token embeddings are fitted by the denoising loss, all else kept.

Gal et al., "An Image is Worth One Word", ICLR 2023, arXiv:2208.01618; for a mask's sake Liu et al.,
"Segment Anyword", ICML 2025, arXiv:2505.17994. Each pair of an image and a text is fitted as if it
were alone: its gradients are its own and the optimiser works number by number.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from openseg.models.adapters.chunks import in_chunks
from openseg.models.adapters.stable_diffusion.denoiser import Denoiser
from openseg.models.adapters.stable_diffusion.spans import Spelling
from openseg.models.tasks.diffusion import Fitting

ROWS_PER_CALL = 8
"""Noisy latents in one pass forward and back through the UNet."""


@torch.enable_grad()
def fit(
    denoiser: Denoiser,
    latents: Tensor,
    spelled: Sequence[Spelling],
    free: Tensor,
    fitting: Fitting,
) -> Tensor:
    """Fits the embeddings of texts, one to each of some latents.

    Args:
        denoiser: The frozen model.
        latents: float32 `[n, c, s, s]`.
        spelled: n texts.
        free: bool `[n, tokens]`: which tokens may change.
        fitting: How.

    Returns:
        float32 `[n, tokens, d]`: embeddings of all tokens.
    """
    before = denoiser.embed(spelled)
    found = before.clone().requires_grad_()
    optimizer = torch.optim.AdamW([found], lr=fitting.learning_rate)
    random = torch.Generator().manual_seed(fitting.seed)
    for _ in range(fitting.steps):
        noise = torch.randn((fitting.draws, *latents.shape[1:]), generator=random).to(latents)
        times = torch.randint(denoiser.times, (fitting.draws,), generator=random)
        mixed = torch.where(free[..., None], found, before)
        found.grad = _gradient(
            denoiser, latents, spelled, mixed.detach(), noise, times.to(latents.device)
        )
        optimizer.step()
    return torch.where(free[..., None], found, before).detach()


def _gradient(
    denoiser: Denoiser,
    latents: Tensor,
    spelled: Sequence[Spelling],
    embeddings: Tensor,
    noise: Tensor,
    times: Tensor,
) -> Tensor:
    """The gradient of each pair's mean squared error, in passes that fit into memory."""
    draws = len(noise)
    rows = torch.arange(len(latents) * draws, device=latents.device)

    def run(part: slice) -> Tensor:
        pair, draw = rows[part] // draws, rows[part] % draws
        first, last = int(pair[0]), int(pair[-1]) + 1
        leaf = embeddings[first:last].clone().requires_grad_()
        states = denoiser.states(spelled[first:last], leaf)[pair - first]
        clean, added, time = latents[pair], noise[draw], times[draw]
        guess = denoiser.denoise(clean, added, time, states)
        # The sum, divided afterwards: a mean's gradients are too small for half precision.
        loss = (guess.float() - denoiser.target(clean, added, time)).square().sum()
        (found,) = torch.autograd.grad(loss, leaf)
        whole = torch.zeros_like(embeddings)
        whole[first:last] = found / (draws * latents[0].numel())
        return whole

    return torch.stack(in_chunks(len(rows), ROWS_PER_CALL, run)).sum(dim=0)
