"""Random models of the real architectures, a few hundred kilobytes each."""

from __future__ import annotations

from pathlib import Path

from openseg.models.store import ModelStore
from tests.models.adapters.mask2former_checkpoints import save_mask2former
from tests.parity.dinov2.checkpoints import save_twins
from tests.parity.stable_diffusion.checkpoints import save_pipeline

FAMILIES = ("dinov2", "mask2former", "stable-diffusion")
"""Families that are random; all others are the mini models."""


def tiny_weights(folder: Path) -> dict[str, Path]:
    """Saves them; gives the weights by family, as `openseg.load` takes them."""
    save_twins(folder)
    save_mask2former(folder)
    save_pipeline(folder / "stable-diffusion")
    return dict.fromkeys(FAMILIES, folder)


def tiny_store(folder: Path) -> ModelStore:
    """A store of them on the CPU."""
    return ModelStore(weights=tiny_weights(folder), device="cpu")
