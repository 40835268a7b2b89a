"""A Ray worker killed every twenty seconds, for minutes: the long form of one killed worker.

The short form is in `tests/graph/engine/test_ray.py`.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openseg.graph.engine.local import LocalEngine
from openseg.graph.engine.on_ray import RayEngine
from openseg.graph.graph import Outcome
from tests.graph.engine.works import finish, work
from tests.soaking import FIGURES, tell

MINUTES = float(os.environ.get("OPENSEG_SOAK_MINUTES", "5"))
EVERY = 20.0
"""Seconds between two losses; after the minutes there are none: a machine so busy that a worker
needs longer to begin would never come to the end."""

PAUSE = 0.02
"""Seconds that an item takes at least."""


def _slowly(item: int, outcomes: tuple[Outcome, ...]) -> Any:
    time.sleep(PAUSE)
    return finish(None, item, outcomes)


def _workers() -> list[int]:
    """The processes that hold the models of a run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.read_bytes().startswith(b"ray::") and b"MapWorker" in path.read_bytes():
                found.append(int(path.parent.name))
    return found


@pytest.mark.skipif(FIGURES is None, reason="takes minutes: make soak")
def test_nothing_is_lost_with_workers_that_die(ray_cluster):
    items = range(int(MINUTES * 60 * 2 / PAUSE))
    expected = list(LocalEngine().over(work(), items, 0, []))
    over, losses = threading.Event(), []
    began = time.monotonic()

    def kill() -> None:
        dice = random.Random("losses")  # noqa: S311
        while not over.wait(EVERY) and time.monotonic() - began < 60 * MINUTES:
            if alive := _workers():
                losses.append(dice.choice(alive))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(losses[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    spread = list(RayEngine(workers=2).over(replace(work(), finish=_slowly), items, 0, []))
    over.set()
    killer.join()
    minutes = (time.monotonic() - began) / 60
    tell("Ray with losses", minutes=minutes, losses=len(losses), items=len(items))
    assert losses
    assert spread == expected
