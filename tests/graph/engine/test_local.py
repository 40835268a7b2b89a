"""A run gives the same bytes wherever it was cut, with a cache and without one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from openseg.graph.cache import Cache
from openseg.graph.engine.local import LocalEngine
from openseg.graph.engine.on_ray import parcels
from openseg.graph.events import RunFinished, RunStarted
from openseg.graph.graph import Sample
from openseg.graph.run import reading
from openseg.types import Image
from tests.graph.engine.works import work
from tests.graph.tiny import picture

ITEMS = range(34)


@pytest.fixture(scope="module")
def undisturbed():
    return list(LocalEngine().over(work(), ITEMS, 0, []))


def test_results_tell_who_shared_a_batch(undisturbed):
    """Or the other tests of this file would find nothing."""
    assert len({tuple(values) for _, values in undisturbed}) >= 8


@pytest.mark.parametrize("begun", [5, 10, 30])
def test_a_run_taken_up_again_makes_the_batches_of_one_that_was_not(undisturbed, begun):
    rest = LocalEngine().over(work(), ITEMS[begun:], begun, [])
    assert list(rest) == undisturbed[begun:]


def test_what_a_run_has_put_into_the_cache_changes_nothing_of_it(undisturbed, tmp_path):
    one = work(tmp_path)
    assert list(LocalEngine().over(one, ITEMS[:20], 0, [])) == undisturbed[:20]
    assert list(LocalEngine().over(one, ITEMS[20:], 20, [])) == undisturbed[20:]


def test_what_other_runs_have_put_there_is_used(tmp_path):
    one = work(tmp_path)
    first = list(LocalEngine().over(one, ITEMS[:5], 0, []))
    timings = []
    other = replace(one, run="other", cache=Cache(tmp_path))
    assert list(LocalEngine().over(other, ITEMS[:5], 0, [timings.append])) == first
    assert sum(getattr(event, "computed", 0) for event in timings) == 0


@pytest.mark.parametrize(("begun", "sizes"), [(0, [3, 1, 3, 1, 2]), (3, [1, 3, 1, 2])])
def test_windows_cut_short_by_large_samples_end_where_the_others_do(monkeypatch, begun, sizes):
    monkeypatch.setattr(reading, "WINDOW_BYTES", 2 * 3 * 6 * 8 + 1)
    samples = [Sample(str(i), {"image": picture(i)}) for i in range(10)][begun:]
    cut = reading.windows(reading.marked(samples, 4, begun), {"image": Image}, torch.device("cpu"))
    assert [len(window) for window in cut] == sizes


def test_the_start_and_the_end_are_told_once():
    events = []
    list(LocalEngine().over(work(), ITEMS, 0, [events.append]))
    assert isinstance(events[0], RunStarted)
    assert events[0].total == 34
    assert isinstance(events[-1], RunFinished)
    assert (events[-1].samples, events[-1].failed) == (34, 0)


@pytest.mark.parametrize("begun", [0, 3, 5])
@pytest.mark.parametrize("count", [0, 1, 34, 5000])
def test_parcels_are_whole_windows_in_order(begun, count):
    cut = list(parcels(range(count), begun, window=5, workers=2))
    assert [item for one in cut for item in one.items] == list(range(count))
    assert all(one.items for one in cut)
    assert [one.begun for one in cut] == [begun + one.items[0] for one in cut]
    assert all((one.begun + len(one.items)) % 5 == 0 for one in cut[:-1])
