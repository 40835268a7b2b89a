"""ScanNet's submission of 3D instances: a list a scene, and a file of zeros and ones a mask.

`<scene>.txt` has lines `predicted_masks/<scene>_000.txt label confidence`; a mask has a line a
vertex. The folder, packed as a zip, is what the benchmark's server takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg.io.files import write_atomic

MASKS = "predicted_masks"

_NEWLINE, _ZERO = ord("\n"), ord("0")


class Predicted(NamedTuple):
    """One instance.

    Attributes:
        label: Its label id.
        score: Its confidence.
        points: Rows of the scene's cloud, int64 `[m]`.
    """

    label: int
    score: float
    points: NDArray[np.int64]


def write_instances(folder: str | Path, scene: str, found: Iterable[Predicted], total: int) -> None:
    """Writes the instances of a scene; its list comes last, so that it never names a missing mask.

    Args:
        folder: The submission.
        scene: Name of the scene.
        found: Its instances; read once.
        total: Points of its cloud.

    Raises:
        OpensegError: If a file cannot be written.
    """
    folder = Path(folder)
    lines = []
    for row, one in enumerate(found):
        name = f"{MASKS}/{scene}_{row:03d}.txt"
        inside = np.zeros(total, dtype=np.bool_)
        inside[one.points] = True
        write_atomic(folder / name, mask_lines(inside))
        lines.append(f"{name} {one.label} {one.score:.6f}\n")
    write_atomic(folder / f"{scene}.txt", "".join(lines).encode())


def mask_lines(inside: NDArray[np.bool_]) -> bytes:
    """A line a vertex, 1 inside and 0 outside."""
    lines = np.full((len(inside), 2), _NEWLINE, dtype=np.uint8)
    lines[:, 0] = _ZERO + inside
    return lines.tobytes()
