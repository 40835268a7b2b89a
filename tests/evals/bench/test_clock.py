"""Both sides run in turn, and processes of their own tell their own memory."""

from __future__ import annotations

import time

import pytest

from openseg.types.errors import OpensegError
from openseg_evals.bench.child import alone, command
from openseg_evals.bench.clock import Timing, in_turn, timed

MEGABYTE = 2**20


def test_sides_run_in_turn_and_take_turns_to_begin():
    seen = []
    found = in_turn(lambda n: seen.append(("ours", n)), lambda n: seen.append(("peer", n)), 3)
    assert seen == [("ours", 1), ("peer", 1), ("peer", 2), ("ours", 2), ("ours", 3), ("peer", 3)]
    assert (len(found.ours), len(found.peer)) == (3, 3)


def test_waiting_is_wall_time_only():
    found = timed(lambda: time.sleep(0.2))
    assert found.wall >= 0.2
    assert found.cpu < 0.15


def hold(megabytes: str) -> Timing:
    kept = []
    return timed(lambda: kept.append(bytearray(int(megabytes) * MEGABYTE)))


def test_memory_is_that_of_the_process_alone():
    held = bytearray(200 * MEGABYTE)
    little, much = alone(hold, "1"), alone(hold, "300")
    assert held
    assert much.peak_bytes - little.peak_bytes == pytest.approx(299 * MEGABYTE, rel=0.1)
    assert much.timing.wall <= much.whole.wall


def fail() -> Timing:
    raise RuntimeError("no such thing")


def test_a_failed_process_says_why():
    with pytest.raises(OpensegError, match="no such thing"):
        alone(fail)
    with pytest.raises(OpensegError, match="exit code 3"):
        command(["sh", "-c", "exit 3"])
