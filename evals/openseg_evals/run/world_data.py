"""Benchmark data of the mini world, rendered the first time they are asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from openseg.types.errors import UserError
from openseg_evals.run.benchmark import Benchmark

WRITERS = {
    "coco": "openseg.mini.world.coco:write_coco",
    "grefcoco": "openseg.mini.world.formats.refer:write_grefer",
    "refcoco": "openseg.mini.world.formats.refer:write_refer",
}
"""Kind of data to the function that writes it, `(split, scenes, folder)`."""


def world_data(benchmark: Benchmark, data: Path) -> Path:
    """The folder of a benchmark's mini world data; what is missing is made.

    Args:
        benchmark: A benchmark whose source names a kind of world data.
        data: The folder of data sets.

    Raises:
        UserError: If there is no such kind, or the folder cannot be written.
        MissingExtraError: If data are missing and the renderer is not installed.
    """
    source = benchmark.dataset
    if source.world not in WRITERS:
        there = ", ".join(sorted(WRITERS))
        raise UserError(f"the mini world has no data {source.world!r}", fix=f"it has: {there}")
    split = source.options["split"]
    folder = data / "mini" / f"{source.world}-{split}-{source.scenes}"
    module, _, function = WRITERS[source.world].partition(":")
    getattr(import_module(module), function)(split, source.scenes, folder)
    return folder
