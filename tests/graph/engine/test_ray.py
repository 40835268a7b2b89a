"""The engine on Ray gives what the local one gives, though its workers die."""

from __future__ import annotations

import socket
import sys
import time
from dataclasses import replace

import pytest

from openseg.api.engines import engine_of
from openseg.graph.engine.local import LocalEngine
from openseg.graph.engine.on_ray import RayEngine
from openseg.graph.engine.ray_session import ANSWER_SECONDS, check_answers
from openseg.graph.events import ModelLoaded, NodeFinished, RunFinished
from openseg.types.errors import MissingExtraError, OpensegError, UserError
from tests.graph.engine.works import Late, Refuse, Stranger, die, work

ITEMS = range(34)


def test_a_killed_worker_loses_nothing(ray_cluster, tmp_path):
    local, spread = [], []
    expected = list(LocalEngine().over(work(), ITEMS[2:], 2, [local.append]))
    there = work(trap=tmp_path / "died")
    assert list(RayEngine(workers=2).over(there, ITEMS[2:], 2, [spread.append])) == expected
    assert (tmp_path / "died").exists()

    def kinds(events):
        return [type(one).__name__ for one in events if not isinstance(one, ModelLoaded)]

    assert kinds(spread) == kinds(local)
    computed = [
        sum(one.samples for one in events if isinstance(one, NodeFinished))
        for events in (local, spread)
    ]
    assert computed[0] == computed[1]
    assert isinstance(spread[-1], RunFinished)
    assert spread[-1].samples == 32


def test_samples_that_kill_every_worker_end_the_run(ray_cluster):
    with pytest.raises(OpensegError, match="workers died 4 times on the same samples"):
        list(RayEngine(workers=1).over(replace(work(), finish=die), ITEMS, 0, []))


def test_workers_that_die_before_they_begin_are_not_held_against_samples(ray_cluster, tmp_path):
    expected = list(LocalEngine().over(work(), ITEMS, 0, []))
    there = replace(work(), finish=Late(tmp_path))
    assert list(RayEngine(workers=1).over(there, ITEMS, 0, [])) == expected
    assert len(list(tmp_path.iterdir())) == 5


def test_what_ends_a_run_ends_it_here_too(ray_cluster):
    with pytest.raises(Stranger, match="here: no key"):
        list(RayEngine(workers=1).over(work(stage=Refuse), ITEMS[:6], 0, []))


def test_more_workers_than_there_is_room_for(ray_cluster):
    with pytest.raises(UserError, match=r"9 workers need as many CPUs, Ray has 2 \(give fewer"):
        list(RayEngine(workers=9).over(work(), ITEMS, 0, []))


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_that_does_not_answer_is_said_soon(scheme):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening
        address = f"{scheme}127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UserError, match=f"no Ray cluster answers at {address}"):
            list(RayEngine(address).over(work(), ITEMS, 0, []))
        start = time.monotonic()
        with pytest.raises(UserError, match=f"no Ray cluster answers at {address}"):
            check_answers(address)
    assert time.monotonic() - start < ANSWER_SECONDS + 1


def test_an_address_without_a_port_is_refused():
    with pytest.raises(UserError, match="'head:x' is no address"):
        list(RayEngine("head:x").over(work(), ITEMS, 0, []))


def test_without_ray_a_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r'pip install "openseg\[ray\]"'):
        list(RayEngine().over(work(), ITEMS, 0, []))


def test_the_local_engine_has_no_workers():
    with pytest.raises(UserError, match="--engine ray"):
        engine_of("local", workers=2)
    with pytest.raises(UserError, match="there is no engine 'spark'"):
        engine_of("spark")
