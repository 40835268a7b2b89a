"""Benchmark data of the mini world, rendered the first time they are asked for."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from pathlib import Path

from openseg.mini.rooms.formats.kinds import find_writer
from openseg_evals.run.benchmark import Benchmark


def world_data(benchmark: Benchmark, data: Path) -> Path:
    """The folder of a benchmark's mini world data; what is missing is made.

    Args:
        benchmark: A benchmark whose source names a kind of world data.
        data: The folder of data sets.

    Raises:
        UserError: If there is no such kind or split, or the folder cannot be written.
        MissingExtraError: If data are missing and the renderer is not installed.
    """
    source = benchmark.dataset
    write = find_writer(source.world)
    folder = source.under(data)
    # In a process of its own: a renderer's graphics library and the compiler that comes with torch
    # cannot live in one (a crash without a word).
    spawn = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_leave_with_parent) as process:
        process.submit(write, source.world_split, source.scenes, folder).result()
    return folder


def _leave_with_parent() -> None:
    """Ends this process when the one that started it is gone: a killed run leaves nobody behind."""

    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
