"""Random models of the real architectures, a few hundred kilobytes each, where none is shipped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openseg.models.store import ModelStore
from tests.models.adapters.mask_queries.checkpoints import save_mask2former, save_oneformer
from tests.models.adapters.sam3.checkpoints import save_sam3
from tests.parity.sam2.checkpoints import save_sam2

SAVERS: dict[str, Callable[[Path], object]] = {
    "mask2former": save_mask2former,
    "oneformer": save_oneformer,
    "sam2": lambda folder: save_sam2(folder / "sam2"),
    "sam3": save_sam3,
}
"""Families that are random, each with what saves it in a folder; all others are the mini models."""


def tiny_weights(folder: Path) -> dict[str, Path]:
    """Saves them; gives the weights by family, as `openseg.load` takes them."""
    for save in SAVERS.values():
        save(folder)
    return dict.fromkeys(SAVERS, folder)


def tiny_store(folder: Path, device: str = "cpu") -> ModelStore:
    """A store of them."""
    return ModelStore(weights=tiny_weights(folder), device=device)
