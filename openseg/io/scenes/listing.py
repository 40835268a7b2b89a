"""Which files of a scene's folder belong together: by number, by name, by time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from openseg.io.paths import IMAGE_EXTENSIONS
from openseg.io.scenes.numbers import Matrix, natural, read_matrix
from openseg.io.scenes.scene import Fault
from openseg.types.errors import InputError

DEPTH_EXTENSIONS = (".png", ".tif", ".tiff", ".pgm", ".npy")


def files_by_stem(folder: Path, extensions: tuple[str, ...] = IMAGE_EXTENSIONS) -> dict[str, Path]:
    """The files of a folder by name without extension, as people count; hidden ones left out."""
    found = (
        path
        for path in folder.glob("*")
        if path.suffix.lower() in extensions and not path.name.startswith(".")
    )
    return {path.stem: path for path in sorted(found, key=lambda path: natural(path.stem))}


def pose_of(path: Path) -> tuple[Matrix | None, InputError | None]:
    """Reads a 4x4 pose; a broken or missing file is a fault of its frame and not of the scene."""
    try:
        return read_matrix(path, 4), None
    except InputError as error:
        return None, InputError(f"the pose {path.name}: {error.what}", fix=error.fix)


def gaps(names: list[str]) -> list[Fault]:
    """Frames that are missing in the middle of a numbered sequence.

    Args:
        names: Names of the frames that are there, in order.

    Returns:
        A fault for each number that the step of the sequence leads to and that is not there.
    """
    matches = [re.fullmatch(r"(.*?)(\d+)", name) for name in names]
    if len(names) < 3 or not all(matches) or len({m[1] for m in matches if m}) > 1:
        return []
    digits = {int(m[2]): len(m[2]) for m in matches if m}
    numbers = sorted(digits)
    steps, counts = np.unique(np.diff(numbers), return_counts=True)
    step, width = int(steps[counts.argmax()]), min(digits.values())
    prefix = matches[0][1] if matches[0] else ""
    # A sequence whose step varies was thinned out on purpose.
    if counts.max() < 0.9 * counts.sum() and len(names) > 5:
        return []
    wanted = range(numbers[0], numbers[-1], step) if step else range(0)
    lost = [number for number in wanted if number not in digits]
    return [
        Fault(f"{prefix}{number:0{width}d}", "is missing in the middle", "copy it again")
        for number in lost
    ]


def find_cloud(folder: Path, *names: str) -> Path | None:
    """The PLY file of a scene: the first of the names that exists, else the only one there is."""
    for name in names:
        if (folder / name).is_file():
            return folder / name
    there = sorted(folder.glob("*.ply"))
    return there[0] if len(there) == 1 else None


def closest_in_time(wanted: list[float], given: list[float], within: float) -> Mapping[int, int]:
    """Pairs moments of two sensors, the closest first; none is used twice.

    Args:
        wanted: Times in seconds.
        given: Times in seconds.
        within: The most that a pair may lie apart.

    Returns:
        Row of `given` by row of `wanted`; rows without partner are not in it.
    """
    order = np.argsort(given, kind="stable")
    times = np.asarray(given, dtype=np.float64)[order]
    pairs: list[tuple[float, int, int]] = []
    for row, time in enumerate(wanted):
        first = np.searchsorted(times, time - within, side="left")
        last = np.searchsorted(times, time + within, side="right")
        pairs += [(abs(times[i] - time), row, int(order[i])) for i in range(first, last)]
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for _, row, other in sorted(pairs):
        if row not in partners and other not in taken:
            partners[row] = other
            taken.add(other)
    return partners
