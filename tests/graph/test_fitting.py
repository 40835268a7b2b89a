"""Batches are as large as what memory is free allows, by what earlier ones took."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch

from openseg.graph.events import BatchHalved
from openseg.graph.executor import execute
from openseg.graph.run import runner
from openseg.graph.run.fitting import Fit
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Image, Scores
from tests.graph.test_executor_errors import tall
from tests.graph.tiny import Provider, method

MB = 1 << 20


class Memory:
    """A process of 1000 MB whose record is 1200 MB."""

    def __init__(self) -> None:
        self.record, self.now, self.free = 1200 * MB, 1000 * MB, 10_000 * MB

    def read(self, _device: object = None) -> tuple[int, int]:
        return self.record, self.now

    def take(self, size: int) -> None:
        """A call that needs so much and gives it back."""
        self.record = max(self.record, self.now + size)


def called(fit: Fit, memory: Memory, count: int, size: int) -> None:
    with fit.measured(count):
        memory.take(size)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def fit(memory: Memory) -> Fit:
    return Fit(memory.read, lambda: memory.free)


def test_what_is_not_known_is_not_limited(fit: Fit) -> None:
    assert fit.most(100) == 100


def test_calls_shrink_and_grow_with_what_is_free(fit: Fit, memory: Memory) -> None:
    called(fit, memory, 8, 800 * MB)  # 100 MB each
    for free, most in ((10_000, 64), (5000, 40), (1000, 8), (300, 2), (10, 1), (5000, 40)):
        memory.free = free * MB
        assert fit.most(64) == most


def test_a_call_below_the_record_took_at_most_what_lies_between(fit: Fit, memory: Memory) -> None:
    memory.free = 1000 * MB
    called(fit, memory, 2, 0)
    assert fit.most(64) == 8  # at most 100 MB each
    called(fit, memory, 8, 10 * MB)
    assert fit.most(64) == 32  # at most 25 MB each
    called(fit, memory, 8, 400 * MB)
    assert fit.most(64) == 16  # 50 MB, measured


def test_a_failed_call_teaches_nothing(fit: Fit, memory: Memory) -> None:
    def fail() -> None:
        with fit.measured(1):
            memory.take(5000 * MB)
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()
    assert fit.most(64) == 64


def test_nothing_is_asked_where_little_is_needed_or_nothing_can_be_told(memory: Memory) -> None:
    asked = []
    fit = Fit(memory.read, lambda: asked.append(1))
    memory.record = memory.now
    called(fit, memory, 8, 8 * MB)
    assert (fit.most(64), asked) == (64, [])
    assert (fit.most(65), asked) == (65, [1])


class Wide(Stage):
    """Takes 100 MB a sample."""

    name = "tiny.wide"
    calls: list[int] = []  # noqa: RUF012
    memory = Memory()

    class Config(StageConfig):
        pass

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, image: Batch[Image]) -> Outputs:
        self.calls.append(len(image))
        self.memory.take(100 * MB * len(image))
        return self.Outputs([Scores(torch.tensor([float(one.size[1])])) for one in image])


def run(monkeypatch: pytest.MonkeyPatch, free: int) -> tuple[list[int], list[int]]:
    """Calls by size, and batches that were told of; 40 samples, windows of 20."""
    monkeypatch.setattr(Wide, "calls", [])
    monkeypatch.setattr(Wide, "memory", Memory())
    monkeypatch.setattr(runner, "memory", Wide.memory.read)
    monkeypatch.setattr(Provider, "free_bytes", lambda _: free * MB)
    graph = method({"wide": (Wide, {"image": "image"})}, {"scores": "wide.scores"})
    events: list[object] = []
    given = execute(graph, tall(40), Provider(), window=20, batch=20, listeners=[events.append])
    found = [one.outputs["scores"].values.item() for one in given]
    assert found == [8.0 + i for i in range(40)]
    return Wide.calls, [one.batch for one in events if isinstance(one, BatchHalved)]


def test_with_enough_memory_every_window_makes_the_same_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run(monkeypatch, 10_000) == ([8, 12] * 2, [])


def test_where_memory_is_short_calls_are_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, 625) == ([8, 5, 5, 2, 5, 5, 5, 5], [5])
