"""Whether two sides gave the same masks or numbers, in words for the table."""

from __future__ import annotations

from torch import Tensor

from openseg import ops

SAME = 0.99
"""IoU from which two masks count as the same."""


def of_masks(ours: Tensor, peer: Tensor, share: float = 0.99) -> tuple[bool, str]:
    """Compares two sets of masks in any order.

    Args:
        ours: bool `[n, h, w]`.
        peer: bool `[m, h, w]`.
        share: The least share of masks that must have their match, on each side.

    Returns:
        Whether they agree, and what was found.
    """
    if not len(ours) or not len(peer):
        return False, f"{len(ours)} and {len(peer)} masks, nothing to compare"
    same = ops.masks.iou(ours, peer) >= SAME
    matched = min(same.any(dim=1).float().mean().item(), same.any(dim=0).float().mean().item())
    found = f"{len(ours)} and {len(peer)} masks, {matched:.1%} matched at IoU {SAME:g}"
    return matched >= share, found


def of_numbers(ours: Tensor, peer: Tensor, atol: float) -> tuple[bool, str]:
    """Compares numbers of the same shape."""
    if ours.shape != peer.shape:
        return False, f"shapes {list(ours.shape)} and {list(peer.shape)}"
    apart = (ours.double() - peer.double()).abs().max().item() if ours.numel() else 0.0
    return apart <= atol, f"{ours.numel()} numbers differ by at most {apart:.1e}"
