"""ScanRefer: the share of sentences whose object was found, by the IoU of upright boxes.

Source: ScanRefer `benchmark/eval.py`, `utils/box_util.py`, `lib/dataset.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

THRESHOLDS = (0.25, 0.5)
TINY = 1e-8
"""What the official program adds to the union: an IoU that is a threshold in exact arithmetic
stays below it."""


class Described(NamedTuple):
    """What a sentence speaks of.

    Attributes:
        scene: Name of the scene.
        object: Id of the object in it.
        kind: The class that the sentence's entry gives the object.
    """

    scene: str
    object: str
    kind: str


def box_ious(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU of pairs of upright boxes.

    Args:
        first: Smallest x, y, z, then largest x, y, z of each box in metres, `float64 [n, 6]`; NaN
            where there is none, which overlaps nothing.
        second: The same.

    Returns:
        `float64 [n]` in [0, 1).
    """
    low, high = np.maximum(first[:, :3], second[:, :3]), np.minimum(first[:, 3:], second[:, 3:])
    shared = np.maximum(high - low, 0).prod(axis=1)
    volumes = [(one[:, 3:] - one[:, :3]).prod(axis=1) for one in (first, second)]
    ious: NDArray[np.float64] = shared / (volumes[0] + volumes[1] - shared + TINY)
    return np.nan_to_num(ious, nan=0.0)


def among_several(sentences: Sequence[Described]) -> NDArray[np.bool_]:
    """Whether the scene has several described objects of the class that a sentence speaks of.

    Only objects that some sentence describes count, each with the class of its first sentence. A
    sentence whose own class no object of the scene has counts as one among several.

    Args:
        sentences: All sentences of the split, in the order of the file.

    Returns:
        `bool [n]`; False is the official `unique`, True `multiple`.
    """
    first: dict[tuple[str, str], str] = {}
    for one in sentences:
        first.setdefault((one.scene, one.object), one.kind)
    there = Counter((scene, kind) for (scene, _), kind in first.items())
    return np.array([there[one.scene, one.kind] != 1 for one in sentences], dtype=np.bool_)


def scanrefer(ious: NDArray[np.float64], several: NDArray[np.bool_]) -> dict[str, Any]:
    """Scores a set of sentences.

    Args:
        ious: IoU of the answered and the true box, `float64 [n]`.
        several: What `among_several` gives, `bool [n]`.

    Returns:
        Fractions `Acc@0.25` and `Acc@0.5`, the same in `unique` and `multiple`; None where there
        is no sentence, for which the official program prints 0.
    """
    return {
        **_accuracies(ious),
        "unique": _accuracies(ious[~several]),
        "multiple": _accuracies(ious[several]),
    }


def _accuracies(ious: NDArray[np.float64]) -> dict[str, float | None]:
    return {f"Acc@{one}": float((ious >= one).mean()) if len(ious) else None for one in THRESHOLDS}
