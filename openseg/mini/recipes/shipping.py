"""Write a trained model as it ships, and load it as any user would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openseg.models.store import ModelStore


def export(model: Any, processor: Any, folder: Path) -> None:
    """Write model and preprocessing as they ship: stored in half precision, run in single."""
    # Heads that are one tensor must stay one, or the file repeats them.
    once: dict[int, Any] = {}
    halves = {}
    for name, value in model.state_dict().items():
        small = value.half() if value.is_floating_point() else value
        halves[name] = once.setdefault(value.data_ptr(), small.cpu())
    model.save_pretrained(folder, state_dict=halves)
    processor.save_pretrained(folder)


def loaded(family: str, folder: Path, device: str) -> Any:
    """The adapter of a model family on the weights in a folder."""
    return ModelStore({family: folder}, device=device).load(family)
