"""Human correction effort: how many clicks it takes to repair a mask.

Qin et al., "Highly accurate dichotomous image segmentation", ECCV 2022. Faults thinner than twice
the relaxation cost nothing, except where they cut through the truth's skeleton. An outline that has
to be drawn again costs its polygon's corners, a region that only has to go or be filled one click.
Source: DIS `hce_metric_main.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from openseg.types.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

RELAXATION = 5
EPSILON = 2.0

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=np.uint8)
_SQUARE = np.ones((3, 3), dtype=np.uint8)


def correction_effort(
    truth: NDArray[np.bool_], guess: NDArray[np.bool_], relaxation: int = RELAXATION
) -> int:
    """Clicks that turn a prediction into the truth.

    Args:
        truth: The object, bool `[h, w]`.
        guess: The prediction, bool `[h, w]`.
        relaxation: Width in pixels of faults along the outline that are forgiven.

    Returns:
        Corners of the polygons to draw plus regions to remove or to fill; 0 if nothing is wrong.

    Raises:
        MissingExtraError: If OpenCV or scikit-image is not installed.
    """
    cv2, skeletonize = _libraries()
    both, extra, lost = truth & guess, guess & ~truth, truth & ~guess
    core = cv2.erode((truth | guess).view(np.uint8), _CROSS, iterations=relaxation) != 0
    thick_extra = extra & _grow(extra & core, ~truth, relaxation)
    thick_lost = lost & _grow(lost & core, ~guess, relaxation)
    if lost.any():
        thick_lost |= skeletonize(truth) & lost
    background = ~(both | thick_extra | thick_lost)
    return _clicks(thick_extra, both | thick_lost) + _clicks(thick_lost, background)


def hce(efforts: NDArray[np.int64]) -> dict[str, float | None]:
    """Scores a set of masks by their efforts, `int64 [n]`: `HCE`, the mean, None without any."""
    return {"HCE": float(efforts.mean()) if len(efforts) else None}


def _grow(seeds: NDArray[np.bool_], inside: NDArray[np.bool_], steps: int) -> NDArray[np.bool_]:
    """Spreads seeds by one pixel up, down, left and right a step, never leaving `inside`."""
    for _ in range(steps):
        seeds = ndimage.binary_dilation(seeds, _CROSS) & inside
    return seeds


def _clicks(fault: NDArray[np.bool_], neighbour: NDArray[np.bool_]) -> int:
    """Corners along the outline that a fault shares with its neighbour, plus free regions.

    Args:
        fault: Pixels to repair, bool `[h, w]`.
        neighbour: The side on which the true outline is missing, bool `[h, w]`.
    """
    cv2, _ = _libraries()
    contours, _ = cv2.findContours(fault.view(np.uint8), cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return 0
    lengths = [len(one) for one in contours]
    points = np.concatenate([one[:, 0] for one in contours])
    columns, rows = points.T
    fresh = np.zeros(len(points), dtype=np.bool_)  # a pixel counts where it is passed first
    fresh[np.unique(rows * fault.shape[1] + columns, return_index=True)[1]] = True
    shared = fresh & ndimage.binary_dilation(neighbour, _CROSS)[rows, columns]
    regions, count = ndimage.label(fault, structure=_SQUARE)
    free: int = count - len(np.unique(regions[rows[shared], columns[shared]]))
    runs = _open_runs(points, shared, np.repeat(np.arange(len(lengths)), lengths))
    return free + sum(len(cv2.approxPolyDP(run[:, None], EPSILON, False)) for run in runs)


def _open_runs(
    points: NDArray[np.int32], kept: NDArray[np.bool_], contour: NDArray[np.int64]
) -> Iterator[NDArray[np.int32]]:
    """Stretches of contours whose points are all kept.

    Where the last stretch of a contour ends beside the start of its first, the first is appended
    to it backwards, as the official program does.

    Args:
        points: Column and row of the points of all contours, `int32 [n, 2]`.
        kept: bool `[n]`.
        contour: To which contour each point belongs, ascending, `int64 [n]`.

    Yields:
        `int32 [k, 2]`.
    """
    places = np.flatnonzero(kept)
    cuts = np.flatnonzero((np.diff(places) > 1) | (np.diff(contour[places]) > 0)) + 1
    stretches = [points[one] for one in np.split(places, cuts) if len(one)]
    owners = contour[places[np.r_[0, cuts]]] if len(places) else places
    for owner in np.unique(owners):
        first, end = np.searchsorted(owners, [owner, owner + 1])
        group = stretches[first:end]
        if len(group) > 1 and np.abs(group[0][0] - group[-1][-1]).max() == 1:
            group[-1] = np.concatenate([group[-1], group[0][::-1]])
            del group[0]
        yield from group


def _libraries() -> tuple[Any, Any]:
    """OpenCV and scikit-image's `skeletonize`, whose choices are part of the definition."""
    try:
        import cv2
        from skimage.morphology import skeletonize
    except ImportError as error:
        fix = "pip install 'openseg[evals]'"
        raise MissingExtraError(f"HCE needs {error.name}, not installed", fix=fix) from None
    return cv2, skeletonize
