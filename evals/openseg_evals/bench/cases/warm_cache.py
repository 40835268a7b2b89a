"""The same run again: every node's output lies in the cache, so no model is even loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from openseg.api.inputs import Request, samples_of
from openseg.api.method import load
from openseg_evals.bench.clock import in_turn
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_times
from openseg_evals.bench.settings import Settings
from openseg_evals.bench.weights import checkpoints


def measure(settings: Settings) -> Iterator[Row]:
    """`grounded_sam` over a few images, from loading to results."""
    weights = checkpoints(settings, "grounding-dino", "sam")
    paths = pictures(settings.folder / "pictures", 2, (480, 640))

    def run(cache: Path) -> list[Tensor]:
        method = load("grounded_sam", weights, device=settings.device, cache=cache)
        named = {path.stem: path for path in paths}
        samples = samples_of(method.graph, named, Request(text="red cup"), method.models.device)
        return [method.result(one).masks for one in method.stream(samples)]

    warm = settings.folder / "warm"
    first, second = run(warm), run(warm)
    equal = all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    yield of_times(
        "warm-cache",
        f"the first run, {len(paths)} images, models loaded from disk",
        in_turn(
            lambda _: run(warm),
            lambda number: run(settings.folder / f"cold-{number}"),
            settings.pairs(1 if settings.slow else 3),
            settings.device,
        ),
        Floor("at most", 0.05),
        (equal, "masks equal bit for bit"),
    )
