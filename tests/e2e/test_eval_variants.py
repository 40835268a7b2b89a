"""Five variants of one method that differ in the last stage cost hardly more than one of them."""

from __future__ import annotations

import time
from collections import Counter
from typing import ClassVar

import pytest

from openseg.models.store import ModelStore
from openseg_evals.run import evaluate as module
from openseg_evals.run.benchmark import find_benchmarks
from openseg_evals.run.request import EvalRequest

LIMIT = 4
CHOICES = [
    "{top: 1}",
    "{top: 2}",
    "{top: 3, min_similarity: 0.2}",
    "{min_similarity: 0.25}",
    "{min_similarity: 0.9}",
]

CALLED = {
    "sam": ("_encode",),
    "clip": ("encode_images", "encode_texts"),
}
"""What is counted of each family: the calls that run its networks."""


class CountingStore(ModelStore):
    """Hands out the real adapters; counts their calls and what each was given."""

    counts: ClassVar[Counter[str]] = Counter()

    def load(self, family):
        fresh = family not in self._resident
        adapter = super().load(family)
        for name in CALLED[family] if fresh else ():
            setattr(adapter, name, self._counted(f"{family}.{name}", getattr(adapter, name)))
        return adapter

    def _counted(self, name, function):
        def call(items, *more, **named):
            self.counts[f"{name} calls"] += 1
            self.counts[f"{name} items"] += len(items)
            return function(items, *more, **named)

        return call


@pytest.fixture
def variants(tmp_path):
    """Three lines each on top of the shipped method."""
    paths = []
    for number, choice in enumerate(CHOICES):
        path = tmp_path / f"variant_{number}.yaml"
        path.write_text(
            f"include: clip_ranked_masks\nname: variant_{number}\nnodes: {{choose: {choice}}}\n"
        )
        paths.append(str(path))
    return paths


def measure(place, out, methods, monkeypatch):
    monkeypatch.setattr(module, "ModelStore", CountingStore)
    CountingStore.counts = Counter()
    [benchmark] = find_benchmarks(str(place / "mini-ref.yaml"))
    request = EvalRequest(
        pipelines=tuple(methods), out=out, data=place / "data", device="cpu", limit=LIMIT
    )
    start = time.process_time()
    run = module.evaluate(benchmark, request)
    return run, dict(CountingStore.counts), time.process_time() - start


def test_five_cost_what_one_costs(short_mini_ref, variants, tmp_path, monkeypatch, record_property):
    def go(name, methods):
        return measure(short_mini_ref, tmp_path / name, methods, monkeypatch)

    go("warm", variants[:1])  # imports and weights are read from disk once
    one, calls_of_one, seconds_of_one = go("one", variants[:1])
    five, calls_of_five, seconds_of_five = go("five", variants)
    assert calls_of_five == calls_of_one
    assert calls_of_one["sam._encode items"] == 1  # one picture, four sentences
    assert calls_of_one["clip.encode_texts items"] == LIMIT
    ratio = seconds_of_five / seconds_of_one
    record_property("seconds of five over seconds of one", ratio)
    print(f"five variants: {seconds_of_five:.2f} s, one: {seconds_of_one:.2f} s, {ratio:.2f} times")  # noqa: T201

    # They are five methods, not one: the last of them finds no region similar enough.
    alone, together = (run.results["pipelines"] for run in (one, five))
    assert together["variant_0"]["metrics"] == alone["variant_0"]["metrics"]
    assert together["variant_0"]["metrics"]["mIoU"]["value"] > 0
    assert together["variant_4"]["metrics"]["mIoU"]["value"] == 0
    assert len(five.results["paired"]) == 10
