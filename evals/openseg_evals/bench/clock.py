"""Times two pieces of work in turn, so that both meet the same noise of a shared machine."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Timing:
    """One run.

    Attributes:
        wall: Seconds that passed.
        cpu: Seconds that processors worked for it; children that ended are counted in.
    """

    wall: float
    cpu: float


@dataclass(frozen=True)
class Pairs:
    """Runs of both sides, the i-th of one next to the i-th of the other.

    Attributes:
        ours: Runs of openseg.
        peer: Runs of the other.
    """

    ours: tuple[Timing, ...]
    peer: tuple[Timing, ...]


def timed(work: Callable[[], Any], device: str = "cpu") -> Timing:
    """Runs a piece of work once, to the end of what it started on the device."""
    gc.collect()
    _wait(device)
    wall, cpu = time.perf_counter(), _cpu()
    work()
    _wait(device)
    return Timing(time.perf_counter() - wall, _cpu() - cpu)


def in_turn(
    ours: Callable[[int], Any], peer: Callable[[int], Any], pairs: int, device: str = "cpu"
) -> Pairs:
    """Runs both sides in turn; every second pair begins with the peer.

    What must not be timed, such as a first run that warms caches, is up to the caller.

    Args:
        ours: A run of openseg; told which pair it is, from 1.
        peer: A run of the other; likewise.
        pairs: How many runs of each.
        device: What is waited for at the end of each.
    """
    runs: tuple[list[Timing], list[Timing]] = [], []
    sides = ours, peer
    for number in range(1, pairs + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            runs[side].append(timed(partial(sides[side], number), device))
    return Pairs(tuple(runs[0]), tuple(runs[1]))


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        import torch

        torch.cuda.synchronize(device)
