"""Cross-attention maps of ten phrases on one image: together against one full pass each."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from openseg.io.images import image_from
from openseg.models.protocols import AttentionReading
from openseg.models.store import ModelStore
from openseg_evals.bench.agreement import of_numbers
from openseg_evals.bench.clock import in_turn
from openseg_evals.bench.diffusion import save_pipeline
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_times
from openseg_evals.bench.settings import Settings

PHRASES = [
    f"the {colour} {thing}"
    for colour in ("red", "blue")
    for thing in ("cup", "ball", "hat", "chair", "box")
]
READING = AttentionReading((0.1, 0.3, 0.5, 0.7), 1, (), 0)


def measure(settings: Settings) -> Iterator[Row]:
    """The same images for both sides; nothing that was remembered of an image helps either."""
    weights = settings.folder / "weights"
    save_pipeline(weights / "stable-diffusion", full=settings.full)
    reader = ModelStore(weights, settings.device).load("stable-diffusion")
    pairs = settings.pairs(5)
    images = [image_from(path) for path in pictures(settings.folder, pairs + 1, (512, 512))]

    def together(number: int = 0) -> Tensor:
        return _stacked(reader.attend([images[number]], [PHRASES], READING)[0])

    def each(number: int = 0) -> Tensor:
        found = []
        for phrase in PHRASES:
            reader._memo.clear()
            found += reader.attend([images[number]], [[phrase]], READING)[0]
        reader._memo.clear()
        return _stacked(found)

    mine, theirs = together(), each()
    yield of_times(
        "attention-maps",
        f"one full pass for each of {len(PHRASES)} phrases",
        in_turn(together, each, pairs, settings.device),
        Floor("at least", 4.0),
        of_numbers(mine, theirs, 1e-5),
        note="the peer is the same code asked phrase by phrase with nothing remembered",
    )


def _stacked(maps: list) -> Tensor:  # type: ignore[type-arg]
    return torch.stack([one.maps for one in maps])
