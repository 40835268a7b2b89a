"""Where several runs on one image agree: pixels that all, some or only one of them cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Agreement:
    """How runs agree.

    Attributes:
        everyone: bool `[h, w]`: pixels that every run covers.
        some: bool `[h, w]`: pixels that some but not all cover.
        iou: Intersection over union of what each pair of runs covers; 1 where both are empty.
    """

    everyone: Tensor
    some: Tensor
    iou: tuple[tuple[float, ...], ...]


def agreement(found: Sequence[Tensor]) -> Agreement:
    """Compares what runs cover.

    Args:
        found: Masks bool `[n, h, w]` of at least two runs on the same image.
    """
    import torch

    covered = torch.stack([masks.any(dim=0) for masks in found])
    everyone, anyone = covered.all(dim=0), covered.any(dim=0)
    pairs = tuple(tuple(_iou(a, b) for b in covered) for a in covered)
    return Agreement(everyone, anyone & ~everyone, pairs)


def parts(compared: Agreement, found: Sequence[Tensor]) -> Tensor:
    """Bool `[2 + n, h, w]`: what all cover, what some do, and what each of the runs does alone."""
    import torch

    covered = torch.stack([masks.any(dim=0) for masks in found])
    alone = covered & (covered.sum(dim=0) == 1)
    return torch.cat([compared.everyone[None], compared.some[None], alone])


def _iou(a: Tensor, b: Tensor) -> float:
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0
