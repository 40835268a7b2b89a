"""Features of Gaussians, learnt from masks that know no classes: what shares a mask is alike.

Cen et al., "Segment Any 3D Gaussians", AAAI 2025, arXiv:2312.00860 (rendered features, pairs of
pixels), as Wiedmann et al., "DCSEG", arXiv:2412.10972, use it. Pairs are of one view only, so masks
need no numbers that hold across views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn.functional import normalize

from openseg.ops.scenes.splatting import View
from openseg.ops.scenes.surface import nearest
from openseg.types import ViewMasks

BLOCK = 1 << 16
"""Gaussians whose neighbours' features are in memory at once."""


class MaskedView(NamedTuple):
    """Pixels of one view and the masks they lie in.

    Attributes:
        view: Draws the pixels.
        inside: bool `[p, m]`: pixels by masks; every pixel lies in one at least.
    """

    view: View
    inside: Tensor


class Schedule(NamedTuple):
    """How features are fitted.

    Attributes:
        channels: Numbers a Gaussian carries.
        steps: Steps of Adam.
        views: Views that are drawn in a step.
        learning_rate: Of Adam.
        seed: Of where features start and in which order views come.
    """

    channels: int
    steps: int
    views: int
    learning_rate: float
    seed: int


def at_size(masks: ViewMasks, rows: range, size: tuple[int, int], to: tuple[int, int]) -> Tensor:
    """Masks of one picture at another resolution, by the nearest pixel.

    Args:
        masks: The masks.
        rows: Which ones.
        size: Height and width of the picture.
        to: Height and width wanted.

    Returns:
        bool `[len(rows), *to]`.
    """
    lines, columns = (
        ((torch.arange(new, device=masks.bits.device) + 0.5) * (old / new)).long()
        for new, old in zip(to, size, strict=True)
    )
    small = torch.zeros(len(rows), *to, dtype=torch.bool, device=masks.bits.device)
    for place, row in enumerate(rows):
        small[place] = masks.mask(row, size)[lines[:, None], columns]
    return small


def drawn_pixels(masks: Tensor, count: int, random: Generator) -> Tensor:
    """Draws pixels of masks; those of a small mask are drawn sooner, so that none is left out.

    Args:
        masks: bool `[m, h, w]`.
        count: The most pixels.
        random: Draws, on the CPU.

    Returns:
        int64 `[p]`, row * width + column, rising; none that lies in no mask.
    """
    flat = masks.flatten(1).float()
    areas = flat.sum(dim=1).clamp(min=1)
    weights = (flat / areas[:, None]).amax(dim=0) if len(flat) else flat.sum(dim=0)
    count = min(count, int((weights > 0).sum()))
    if not count:
        return torch.zeros(0, dtype=torch.int64, device=masks.device)
    chosen = torch.multinomial(weights.cpu(), count, generator=random)
    return chosen.sort().values.to(masks.device)


def loss(drawn: Tensor, inside: Tensor) -> Tensor:
    """How badly features of one view's pixels agree with its masks.

    Pixels that share a mask should point the same way, others should not: the mean over the first
    pairs of one minus the cosine, and over the others of the cosine where it is positive.

    Args:
        drawn: `[p, c]`: rendered features.
        inside: bool `[p, m]`.
    """
    unit = normalize(drawn, dim=1)
    alike = unit @ unit.T
    members = inside.to(drawn.dtype)
    same = (members @ members.T) > 0
    pull = torch.where(same, 1 - alike, 0).sum() / same.sum().clamp(min=1)
    push = torch.where(same, 0, alike.clamp(min=0)).sum() / (~same).sum().clamp(min=1)
    return pull + push


def smoothed(
    positions: Tensor, features: Tensor, known: Tensor, count: int, reach: float
) -> tuple[Tensor, Tensor]:
    """Features averaged over what lies near: single Gaussians of a pixel are hardly pinned down.

    Args:
        positions: float32 `[n, 3]`.
        features: float32 `[n, c]`.
        known: bool `[n]`: whose features mean anything.
        count: Nearest known Gaussians, itself among them, that each asks.
        reach: Those farther away are not asked, metres.

    Returns:
        As `fit`; a Gaussian is known if it could ask any.
    """
    rows = known.nonzero()[:, 0]
    near = nearest(positions[rows], positions, count, reach)
    found = torch.zeros_like(features)
    for start in range(0, len(near), BLOCK):
        part = near[start : start + BLOCK]
        asked = features[rows[part.clamp(min=0)]] * (part >= 0)[..., None]
        found[start : start + len(part)] = normalize(asked.sum(dim=1), dim=1)
    return found, (near >= 0).any(dim=1)


def fit(views: Sequence[MaskedView], total: int, schedule: Schedule) -> tuple[Tensor, Tensor]:
    """Fits a feature to each Gaussian.

    Args:
        views: The views, at least one.
        total: n, the Gaussians.
        schedule: How.

    Returns:
        float32 `[n, channels]` of unit length; and which of them any view spoke of, bool `[n]`.
    """
    random = torch.Generator().manual_seed(schedule.seed)
    start = normalize(torch.randn(total, schedule.channels, generator=random), dim=1)
    start = start.to(views[0].inside.device)
    features = start.clone().requires_grad_(True)
    adam = torch.optim.Adam([features], lr=schedule.learning_rate)
    order: list[int] = []
    with torch.inference_mode(mode=False), torch.enable_grad():
        for _ in range(schedule.steps):
            while len(order) < min(schedule.views, len(views)):
                order += torch.randperm(len(views), generator=random).tolist()
            some, order = order[: schedule.views], order[schedule.views :]
            unit = normalize(features, dim=1)
            badness = [loss(views[one].view.render(unit), views[one].inside) for one in some]
            adam.zero_grad()
            torch.autograd.backward(torch.stack(badness).mean())
            adam.step()
    found = features.detach()
    # Adam leaves alone what never had a gradient.
    return normalize(found, dim=1), (found != start).any(dim=1)
