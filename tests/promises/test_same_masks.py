"""The shipped models give the same masks however often, on however many threads, in any batch.

Ray gives the bytes of one process: `tests/e2e/test_ray.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from PIL import Image

import openseg
from openseg.api.result import Result
from openseg.models.store import ModelStore
from tests.soaking import tell, times

WORDS = "the red cup; the purple ball; the red hat"
PICTURES = times(3, 8)

SCORE = 1e-4
"""The most that a score may differ between batches or numbers of threads."""

PIXELS = 1e-3
"""The most of a picture's pixels that may be in one mask and not in the other, then."""


@pytest.fixture(scope="module")
def store() -> ModelStore:
    return ModelStore("mini", "cpu")


@pytest.fixture(scope="module")
def pictures(room) -> list[np.ndarray]:
    """The sample image seen from a little aside, again and again."""
    pixels = np.asarray(Image.open(room).convert("RGB").resize((400, 300)))
    return [np.ascontiguousarray(pixels[2 * i :, 5 * i :]) for i in range(PICTURES)]


@pytest.fixture
def results(store, pictures):
    """Gives the results in batches of a size, on a number of threads."""
    usual = torch.get_num_threads()

    def found(batch: int, threads: int) -> list[Result]:
        torch.set_num_threads(threads)
        method = openseg.load("grounded_sam", batch=batch, models=store)
        return method(pictures, text=WORDS)

    yield found
    torch.set_num_threads(usual)


def difference(some: Sequence[Result], others: Sequence[Result]) -> tuple[float, float]:
    """The largest difference of a score, and of two masks in parts of the picture."""
    scores = pixels = 0.0
    for one, other in zip(some, others, strict=True):
        assert one.phrases == other.phrases
        if one.phrases:
            scores = max(scores, float((one.scores - other.scores).abs().max()))
            apart = (one.masks ^ other.masks).float().mean(dim=(1, 2))
            pixels = max(pixels, float(apart.max()))
    return scores, pixels


def test_twice_the_same_is_the_same_and_else_within_the_tolerance(results):
    first = results(1, 1)
    assert any(one.phrases for one in first)
    assert difference(first, results(1, 1)) == (0.0, 0.0)
    for name, (batch, threads) in {"batch of 8": (8, 1), "two threads": (1, 2)}.items():
        scores, pixels = difference(first, results(batch, threads))
        tell(f"same masks, {name}", pictures=PICTURES, score_apart=scores, pixels_apart=pixels)
        assert scores <= SCORE
        assert pixels <= PIXELS
