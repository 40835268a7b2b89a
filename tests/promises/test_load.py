"""Thousands of runs in one process, and what they leave behind in it."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pytest

import openseg
from openseg.api.runs import RunRequest, run_images
from tests.evals.run.toys import WIDTHS, toy_stages, write_data, write_method
from tests.soaking import tell, times

__all__ = ["toy_stages"]

RUNS = times(200, 10_000)
FIRST = RUNS // 4
"""Runs before the first measure: until then, pools and caches fill."""

GROWTH = 4 * 1024**2
"""Bytes that a process may grow by between the measures: far less than a picture a run."""


def _memory() -> int:
    """Resident bytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _measure() -> dict[str, int]:
    gc.collect()
    files = len(list(Path("/proc/self/fd").iterdir()))
    return {"bytes": _memory(), "files": files, "threads": threading.active_count()}


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_runs_in_one_process_leave_no_memory_files_or_threads(toy_stages, tmp_path):
    pictures = sorted((write_data(tmp_path / "data", images=1) / "images").iterdir())
    method = openseg.load(write_method(tmp_path, "two"), cache=tmp_path / "cache", device="cpu")
    request = RunRequest(pictures, "; ".join(WIDTHS), formats=frozenset({"coco"}))
    first = {}
    for number in range(RUNS):
        if number == FIRST:
            first = _measure()
        assert run_images(method, request, tmp_path / "out", overwrite=True).regions == len(WIDTHS)
    last = _measure()
    tell("runs in one process", runs=RUNS, grown_bytes=last["bytes"] - first["bytes"])
    assert last["bytes"] - first["bytes"] < GROWTH
    assert last["files"] <= first["files"]
    assert last["threads"] <= first["threads"]
