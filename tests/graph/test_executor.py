"""Runs: order, windows, batches, sharing, freeing."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from typing import NamedTuple

import pytest
import torch

from openseg.graph.events import NodeFinished, RunFinished, SampleFinished, Timings
from openseg.graph.executor import execute, execute_many
from openseg.graph.graph import Sample, Source
from openseg.graph.run import reading
from openseg.graph.stage import Batch, Stage
from openseg.types import Boxes, Image, Masks, Scores, TextQuery
from openseg.types.errors import MethodError
from tests.graph.tiny import (
    Find,
    Paint,
    Provider,
    Weigh,
    find_and_paint,
    method,
    picture,
    pictures,
    same,
)


def test_outcomes_come_in_order_with_what_the_stages_compute():
    outcomes = list(execute(find_and_paint(), pictures(11), Provider(), window=4, batch=3))
    assert [outcome.id for outcome in outcomes] == [f"s{i}" for i in range(11)]
    for i, outcome in enumerate(outcomes):
        assert outcome.error is None
        assert len(outcome.outputs["masks"]) == i % 4
        assert outcome.outputs["masks"].data.shape[1:] == (6 + i % 3, 8 + i)
        # Scores are box right edges over 10, times the factor 2.
        expected = outcome.outputs["boxes"].xyxy[:, 2] / 10 * 2
        assert torch.equal(outcome.outputs["scores"].values, expected)


@pytest.mark.parametrize(("window", "batch"), [(1, 1), (3, 2), (5, 5), (64, 7), (2, 64)])
def test_a_batch_gives_what_a_loop_gives(window, batch):
    loop = [
        outcome
        for sample in pictures(9)
        for outcome in execute(find_and_paint(), [sample], Provider(), window=1, batch=1)
    ]
    batched = execute(find_and_paint(), pictures(9), Provider(), window=window, batch=batch)
    for one, other in zip(batched, loop, strict=True):
        assert one.id == other.id
        assert same(one.outputs, other.outputs)


def test_batches_fill_windows():
    models = Provider()
    list(execute(find_and_paint(), pictures(10), models, window=6, batch=4))
    assert models.batches == [4, 2, 4]
    assert models.loads == {"small": 1}


def test_no_samples_is_a_run():
    events = []
    models = Provider()
    assert list(execute(find_and_paint(), [], models, listeners=[events.append])) == []
    assert models.loads == {}
    assert isinstance(events[-1], RunFinished)
    assert events[-1].samples == 0


@pytest.mark.parametrize("sizes", [{"window": 0}, {"batch": 0}, {"window": -1}])
def test_sizes_below_one_are_refused_at_once(sizes):
    with pytest.raises(ValueError, match="at least 1"):
        execute(find_and_paint(), [], Provider(), **sizes)


def test_samples_are_pulled_one_window_ahead_and_no_further():
    pulled = []

    def endless():
        i = 0
        while True:
            pulled.append(i)
            yield Sample(f"s{i}", {"image": picture(i)})
            i += 1

    run = execute(find_and_paint(), endless(), Provider(), window=4)
    for _ in range(4):
        next(run)
    # Handing out the first window, the second is being read; the third is not begun.
    assert len(pulled) <= 8
    next(run)
    assert len(pulled) <= 12


def test_leaving_a_run_early_ends_its_threads():
    before = threading.active_count()
    run = execute(find_and_paint(), pictures(40), Provider(), window=4)
    next(run)
    del run
    gc.collect()
    assert threading.active_count() == before


def test_large_inputs_make_small_windows(monkeypatch):
    monkeypatch.setattr(reading, "WINDOW_BYTES", 2 * 3 * 60 * 80)
    models = Provider()
    samples = [Sample(f"s{i}", {"image": picture(i, 60, 80)}) for i in range(6)]
    list(execute(find_and_paint(), samples, models, window=16, batch=16))
    assert models.batches == [2, 2, 2]


def test_equal_samples_of_a_window_are_computed_once():
    models, timings = Provider(), Timings()
    samples = [Sample(f"s{i}", {"image": picture(i % 3)}) for i in range(9)]
    outcomes = list(
        execute(find_and_paint(), samples, models, window=9, batch=9, listeners=[timings])
    )
    assert models.batches == [3]
    assert (timings.nodes["paint"].samples, timings.nodes["paint"].computed) == (9, 3)
    assert [len(outcome.outputs["masks"]) for outcome in outcomes] == [0, 1, 2] * 3


class Embed(Stage):
    """A vector for a text, and a count of the texts it was asked for."""

    name = "tiny.embed"
    texts: list[str] = []  # noqa: RUF012

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, query: Batch[TextQuery]) -> Outputs:
        self.texts += [one.text for one in query]
        return self.Outputs([Scores(torch.tensor([float(len(one.text))])) for one in query])


@pytest.mark.parametrize(("window", "times"), [(4, 1), (1, 2)])
def test_what_is_the_same_for_all_samples_is_not_computed_in_every_window(
    monkeypatch, window, times
):
    monkeypatch.setattr(Embed, "texts", [])
    graph = method(
        {
            "find": (Find, {"image": "image"}, {}, {"finder": "small"}),
            "embed": (Embed, {"query": "query"}),
        },
        {"boxes": "find.boxes", "embedding": "embed.scores"},
        image=Image,
        query=TextQuery,
    )
    queries = [TextQuery("cup", ())] * 12 + [TextQuery("table", ())] * 12
    samples = [
        Sample(f"s{i}", {"image": picture(i), "query": query}) for i, query in enumerate(queries)
    ]
    outcomes = list(execute(graph, samples, Provider(), window=window))
    assert Embed.texts == ["cup"] * times + ["table"] * times
    lengths = [outcome.outputs["embedding"].values.item() for outcome in outcomes]
    assert lengths == [3.0] * 12 + [5.0] * 12


def test_two_nodes_on_inputs_of_equal_content_are_computed_once():
    two_images = method(
        {
            "early": (Find, {"image": "second"}, {}, {"finder": "small"}),
            "late": (Find, {"image": "first"}, {}, {"finder": "small"}),
            "weigh": (Weigh, {"scores": "early.scores"}),
        },
        {"early": "weigh.scores", "late": "late.boxes"},
        first=Image,
        second=Image,
    )
    models = Provider()
    # What sample 0 has first, sample 1 has second, and the other way round.
    samples = [
        Sample("s0", {"first": picture(1), "second": picture(2)}),
        Sample("s1", {"first": picture(2), "second": picture(1)}),
    ]
    first, second = execute(two_images, samples, models)
    assert models.batches == [2]
    assert [len(first.outputs[key]) for key in ("early", "late")] == [2, 1]
    assert [len(second.outputs[key]) for key in ("early", "late")] == [1, 2]


class Watcher(Stage):
    """Tells which earlier values still live when it runs."""

    name = "tiny.watcher"
    alive: list[int] = []  # noqa: RUF012
    seen: list[weakref.ref[object]] = []  # noqa: RUF012

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, masks: Batch[Masks]) -> Outputs:
        gc.collect()
        self.alive.append(sum(ref() is not None for ref in self.seen))
        return self.Outputs([Scores(one.data.float().sum(dim=(1, 2))) for one in masks])


class PaintWatched(Paint):
    """`Paint`, with an eye on the images and boxes it is given."""

    name = "tiny.paint_watched"

    def run(self, image: Batch[Image], boxes: Batch[Boxes]) -> Paint.Outputs:
        Watcher.seen += [weakref.ref(value) for value in [*image, *boxes]]
        return super().run(image, boxes)


@pytest.mark.parametrize("keep", [False, True])
def test_values_are_freed_when_no_later_node_needs_them(keep):
    Watcher.seen, Watcher.alive = [], []
    graph = method(
        {
            "find": (Find, {"image": "image"}, {}, {"finder": "small"}),
            "paint": (PaintWatched, {"image": "image", "boxes": "find.boxes"}),
            "sum": (Watcher, {"masks": "paint.masks"}),
        },
        {"sums": "sum.scores"},
    )
    samples = (Sample(f"s{i}", lambda i=i: {"image": picture(i)}) for i in range(4))
    outcomes = list(execute(graph, samples, Provider(), window=4, keep_values=keep))
    assert Watcher.alive == [8 if keep else 4]  # the method's inputs stay for its outcomes
    expected = {"", "find", "paint", "sum"} if keep else {"", "sum"}
    assert {source.node for source in outcomes[0].values} == expected


def test_kept_values_are_every_value_by_its_source():
    (outcome,) = execute(
        find_and_paint(), [Sample("s", {"image": picture(3)})], Provider(), keep_values=True
    )
    assert set(outcome.values) == {
        Source("", "image"),
        Source("find", "boxes"),
        Source("find", "scores"),
        Source("paint", "masks"),
        Source("weigh", "scores"),
    }
    assert outcome.values[Source("paint", "masks")] is outcome.outputs["masks"]


def test_a_long_run_holds_one_window():
    alive: list[weakref.ref[object]] = []
    most = 0
    for outcome in execute(find_and_paint(), pictures(60), Provider(), window=5, batch=5):
        alive = [ref for ref in alive if ref() is not None]
        alive.append(weakref.ref(outcome.outputs["masks"]))
        most = max(most, len(alive))
    assert most <= 6


class Draw(Stage):
    """Scores drawn from torch's global generator."""

    name = "tiny.draw"

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, image: Batch[Image]) -> Outputs:
        return self.Outputs([Scores(torch.rand(3)) for _ in image])


def test_random_stages_repeat_and_leave_the_users_generator_alone():
    graph = method({"draw": (Draw, {"image": "image"})}, {"scores": "draw.scores"})
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = [outcome.outputs["scores"] for outcome in execute(graph, pictures(3), Provider())]
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    again = [outcome.outputs["scores"] for outcome in execute(graph, pictures(3), Provider())]
    assert same(first, again)
    assert not same(first[0], first[1])


def test_merged_methods_share_what_they_have_in_common():
    models, timings = Provider(), Timings()
    variants = [find_and_paint(f"m{i}", factor=i) for i in range(5)]
    together = list(
        execute_many(variants, pictures(6), models, window=6, batch=6, listeners=[timings])
    )
    assert models.batches == [6]
    assert set(timings.nodes) == {"find", "paint", *(f"m{i}.weigh" for i in range(5))}
    for i, variant in enumerate(variants):
        alone = execute(variant, pictures(6), Provider())
        for merged, single in zip(together, alone, strict=True):
            assert merged[i].id == single.id
            assert same(merged[i].outputs, single.outputs)


def test_nodes_of_different_models_are_not_merged():
    def finding(family):
        return method(
            {"find": (Find, {"image": "image"}, {}, {"finder": family})},
            {"boxes": "find.boxes"},
            family,
        )

    models = Provider()
    list(execute_many([finding("small"), finding("large")], pictures(2), models))
    assert models.loads == {"small": 1, "large": 1}


def test_variants_of_one_name_run_together():
    variants = [find_and_paint(factor=1.0), find_and_paint(factor=3.0)]
    timings = Timings()
    ((one, other),) = execute_many(
        variants, [Sample("s", {"image": picture(3)})], Provider(), listeners=[timings]
    )
    assert torch.allclose(one.outputs["scores"].values * 3, other.outputs["scores"].values)
    assert len(timings.nodes) == 4


def test_merged_methods_must_agree_on_their_inputs():
    boxes = method({"weigh": (Weigh, {"scores": "image"})}, {"s": "weigh.scores"}, image=Scores)
    with pytest.raises(MethodError, match="'image' is Scores in 'tiny' and Image in 'tiny'"):
        execute_many([find_and_paint(), boxes], [], Provider())


def test_an_input_may_be_an_output():
    graph = method(
        {"find": (Find, {"image": "image"}, {}, {"finder": "small"})},
        {"boxes": "find.boxes", "image": "image"},
    )
    given = picture(2)
    (outcome,) = execute(graph, [Sample("s", {"image": given})], Provider())
    assert outcome.outputs["image"] is given


def test_events_add_up():
    timings, events = Timings(), []
    list(
        execute(
            find_and_paint(),
            pictures(7),
            Provider(),
            window=4,
            batch=2,
            listeners=[timings, events.append],
        )
    )
    assert [type(events[0]).__name__, events[0].total] == ["RunStarted", 7]
    assert [e.id for e in events if isinstance(e, SampleFinished)] == [f"s{i}" for i in range(7)]
    assert len([e for e in events if isinstance(e, NodeFinished)]) == 6
    find = timings.nodes["find"]
    assert (find.samples, find.computed, find.cached, find.calls) == (7, 7, 0, 4)
    assert 0 < find.run_seconds <= find.seconds <= timings.seconds
    assert timings.peak_bytes > 2**20
    assert timings.samples == 7


class Ballast(Stage):
    """Touches 300 MB and lets go of them."""

    name = "tiny.ballast"

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, image: Batch[Image]) -> Outputs:
        return self.Outputs([Scores(torch.ones(75_000_000)[:1].clone()) for _ in image])


def test_peak_memory_sees_what_a_node_let_go_of():
    code = (
        "from tests.graph.test_executor import *\n"
        "timings = Timings()\n"
        "graph = method({'load': (Ballast, {'image': 'image'}),"
        " 'weigh': (Weigh, {'scores': 'load.scores'})}, {'scores': 'weigh.scores'})\n"
        "list(execute(graph, pictures(1), Provider(), listeners=[timings]))\n"
        "print(timings.nodes['load'].peak_bytes - timings.nodes['weigh'].peak_bytes)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 250e6 < int(done.stdout) < 400e6


def test_the_engine_imports_no_torch():
    code = (
        "import sys, openseg.graph.executor, openseg.graph.cache, openseg.graph.events;"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
