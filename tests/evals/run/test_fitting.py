"""Of a list of pipelines each benchmark asks those that it can feed."""

from __future__ import annotations

import pytest

from openseg.models.store import ModelStore
from openseg_evals.run.benchmark import find_benchmarks
from openseg_evals.run.fitting import fitting

METHODS = ["ours", "seem_prompts", "nids_net", "box_to_mask", "lift_only"]


@pytest.mark.parametrize(
    ("benchmark", "expected"),
    [
        ("mini-ref", ["ours", "seem_prompts"]),
        ("mini-templates", ["ours", "seem_prompts", "nids_net"]),
        ("mini-rooms", ["lift_only"]),
    ],
)
def test_a_benchmark_asks_what_it_can_feed(benchmark, expected):
    [found] = find_benchmarks(benchmark)
    assert fitting(found, METHODS, ModelStore()) == expected
