"""Break the annotation files of a data set and read it."""

from __future__ import annotations

from pathlib import Path

from openseg_evals.datasets.registry import load_dataset
from tests.fuzzing import fuzz_files
from tests.soaking import times

SAMPLES = 4


def fuzz_dataset(name: str, folder: Path, *patterns: str, **options: str) -> None:
    """Reads a small data set whose files are broken one at a time: an answer, or an error of ours.

    Args:
        name: The data set.
        folder: Where it lies.
        patterns: Its annotation files, by default all; pictures are left out.
        options: Those of its loader.
    """
    matching = {path for pattern in patterns or ("**/*",) for path in folder.glob(pattern)}
    found = sorted(path for path in matching if path.is_file())
    files = [path for path in found if path.suffix not in {".jpg", ".jpeg", ".tif"}]

    def read(_: Path) -> None:
        for sample in load_dataset(name, folder, options).samples[:SAMPLES]:
            sample.targets()

    fuzz_files(f"annotations of {name}", files, read, times(25, 2000))
