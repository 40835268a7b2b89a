"""Scores ScanNet-style submissions: 3D instances and 3D semantics, one text file a scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.formats.label_sets import LABEL_SETS
from openseg_evals.formats.scannet import (
    need_length,
    paired_scenes,
    read_instances,
    read_integers,
)
from openseg_evals.metrics.scenes.scannet_instances import (
    AGNOSTIC,
    SceneCounts,
    SceneTable,
    count_scene,
)
from openseg_evals.metrics.scenes.scannet_semantics import scannet_semantics
from openseg_evals.tallies.confusions import ConfusionTable
from openseg_evals.tally import UnitTally, multiplicity

_NOTHING = -1


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts scenes for 3D instance AP; a unit is a scene, its score its own AP.

    Args:
        gt: Folder of `<scene>.txt`, label * 1000 + instance a vertex.
        pred: Folder of `<scene>.txt`, the lists of predicted masks.
        options: `labels`, `by_class`, `missing`.

    Returns:
        The counts; scores are the official names, and `scenes`. A scene scores 0 with predictions
        only, NaN with nothing that counts.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    labels, by_class = LABEL_SETS[options["labels"]], options["by_class"] == "true"
    pairs = paired_scenes(gt, pred, options["missing"])
    scenes = list(_count(pairs, list(labels.instance_names), by_class=by_class))
    names = labels.instance_names if by_class else {AGNOSTIC: "object"}
    table = SceneTable(scenes, names, labels.groups if by_class else None)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**table.scores(multiplicity(rows, len(scenes))), "scenes": len(rows)}

    return UnitTally(_names(pairs), "AP of the scene", score, table.precision_of_scenes)


def tally_semantics(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts scenes for 3D semantic mIoU and mAcc; a unit is a scene.

    Its score is the mean IoU over the classes of its own truth, NaN where there is none.

    Args:
        gt: Folder of `<scene>.txt`, a label a vertex; other labels are not annotated.
        pred: The same for the predictions; other labels are no prediction.
        options: `labels`, `average`, `missing`.

    Returns:
        The counts; scores are the numbers, `IoU` by name, and `scenes`.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    from openseg_evals.metrics.semantic import confusion  # it needs SciPy, instances do not

    names = LABEL_SETS[options["labels"]].names
    known = np.array(sorted(names), dtype=np.int64)
    ordered = [names[label] for label in known.tolist()]
    counts = ConfusionTable(len(known))
    pairs = paired_scenes(gt, pred, options["missing"])
    for truth_file, file in pairs:
        truth = read_integers(truth_file)
        guess = read_integers(file) if file else np.full_like(truth, _NOTHING)
        if file:
            need_length(guess, len(truth), file)
        counts.add(confusion(_places(guess, known), _places(truth, known), len(known)))

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        scores = scannet_semantics(
            counts.total(multiplicity(rows, len(counts))), options["average"]
        )
        if "IoU" in scores:
            scores["IoU"] = dict(zip(ordered, scores["IoU"], strict=True))
        return {**scores, "scenes": len(rows)}

    return UnitTally(_names(pairs), "mIoU of the scene", score, counts.mean_ious)


def _names(pairs: list[tuple[Path, Path | None]]) -> list[str]:
    return [truth.stem for truth, _ in pairs]


def _places(labels: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each label among the known ones, -1 for others."""
    place = np.minimum(np.searchsorted(known, labels), len(known) - 1)
    return np.where(known[place] == labels, place, _NOTHING)


def _count(
    pairs: list[tuple[Path, Path | None]], classes: list[int], *, by_class: bool
) -> Iterator[SceneCounts]:
    for truth, prediction in pairs:
        ids = read_integers(truth)
        masks = _masks(prediction, len(ids)) if prediction else iter(())
        yield count_scene(ids, masks, classes, by_class=by_class)


def _masks(path: Path, vertices: int) -> Iterator[tuple[int, float, NDArray[np.bool_]]]:
    for one in read_instances(path):
        values = read_integers(one.mask)
        need_length(values, vertices, one.mask)
        yield one.label, one.score, values != 0
