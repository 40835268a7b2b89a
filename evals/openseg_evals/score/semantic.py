"""Scores folders of label maps: mean IoU, accuracies, frequency-weighted IoU."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError, UserError
from openseg_evals.formats.files import sample
from openseg_evals.formats.labels import need_same_size, paired_pngs, read_labels, unit_names
from openseg_evals.metrics.semantic import boundary_ious, confusion, label_boundary, semantic
from openseg_evals.tallies.confusions import ConfusionTable
from openseg_evals.tally import UnitTally, multiplicity

_NOTHING = -1


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts a folder of predictions; a unit is an image.

    Its score is the mean IoU over the classes of its own truth, NaN where nothing is annotated.

    Args:
        gt: Folder of PNG label maps.
        pred: Folder of PNG label maps of the same names and sizes.
        options: `classes`, `average`, `zero`, `ignore`, `boundary`, `missing`.

    Returns:
        The counts; scores are the official names of the chosen program, and `images`.

    Raises:
        InputError: If a file is missing or broken, or holds labels outside the classes.
        UserError: If the number of classes is not given.
    """
    classes, ignore = _number(options, "classes"), _number(options, "ignore")
    shift = int(options["zero"] == "unlabelled")
    with_edges = options["boundary"] == "true"
    pairs = paired_pngs(gt, pred, options["missing"])
    counts, edges = ConfusionTable(classes), ConfusionTable(classes)
    for truth_file, file in pairs:
        truth = _classes(truth_file, classes, ignore, shift)
        guess = _classes(file, classes, ignore, shift) if file else np.full_like(truth, _NOTHING)
        if file:
            need_same_size(guess, truth, file)
        counts.add(confusion(guess, truth, classes))
        if with_edges:
            edge, true_edge = (
                label_boundary(np.where(one < 0, classes, one)) for one in (guess, truth)
            )
            edges.add(confusion(edge, true_edge, classes))

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        times = multiplicity(rows, len(counts))
        scores: dict[str, Any] = {
            **semantic(counts.total(times), options["average"]),
            "images": len(rows),
        }
        if with_edges:
            scores["BoundaryIoU"] = boundary_ious(edges.total(times))
        return scores

    return UnitTally(unit_names(pairs, gt), "mean IoU of the image", score, counts.mean_ious)


def _classes(path: Path, classes: int, ignore: int, shift: int) -> NDArray[np.int64]:
    """The class of each pixel, -1 for none."""
    labels = read_labels(path)
    found = np.where(labels == ignore, _NOTHING, labels - shift)
    odd = np.unique(labels[(found >= classes)])
    if odd.size:
        what = f"holds labels {sample(odd.tolist())}, there are {classes} classes"
        first = "1" if shift else "0"
        fix = f"classes count from {first}; see --set classes, --set zero, --set ignore={ignore}"
        raise InputError(what, where=str(path), fix=fix)
    return found


def _number(options: Mapping[str, str], key: str) -> int:
    if not options[key].isdecimal():
        what = f"{key} is {options[key]!r}" if options[key] else f"{key} is not given"
        raise UserError(what, fix=f"write --set {key}=150, with the data set's number")
    return int(options[key])
