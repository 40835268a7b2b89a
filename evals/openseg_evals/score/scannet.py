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
from openseg_evals.metrics.scannet_instances import (
    AGNOSTIC,
    SceneCounts,
    count_scene,
    scannet_instances,
)
from openseg_evals.metrics.scannet_semantics import scannet_semantics

_NOTHING = -1


def score(gt: Path, pred: Path, options: Mapping[str, str]) -> dict[str, Any]:
    """3D instance AP.

    Args:
        gt: Folder of `<scene>.txt`, label * 1000 + instance a vertex.
        pred: Folder of `<scene>.txt`, the lists of predicted masks.
        options: `labels`, `by_class`, `missing`.

    Returns:
        The official names, and `scenes`.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    labels, by_class = LABEL_SETS[options["labels"]], options["by_class"] == "true"
    pairs = paired_scenes(gt, pred, options["missing"])
    scenes = _count(pairs, list(labels.instance_names), by_class=by_class)
    names = labels.instance_names if by_class else {AGNOSTIC: "object"}
    scores = scannet_instances(scenes, names, labels.groups if by_class else None)
    return {**scores, "scenes": len(pairs)}


def score_semantics(gt: Path, pred: Path, options: Mapping[str, str]) -> dict[str, Any]:
    """3D semantic mIoU and mAcc.

    Args:
        gt: Folder of `<scene>.txt`, a label a vertex; other labels are not annotated.
        pred: The same for the predictions; other labels are no prediction.
        options: `labels`, `average`, `missing`.

    Returns:
        The numbers, `IoU` by name, and `scenes`.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    from openseg_evals.metrics.semantic import confusion  # it needs SciPy, instances do not

    names = LABEL_SETS[options["labels"]].names
    known = np.array(sorted(names), dtype=np.int64)
    counts = np.zeros((len(known), len(known) + 1), dtype=np.int64)
    pairs = paired_scenes(gt, pred, options["missing"])
    for truth_file, file in pairs:
        truth = read_integers(truth_file)
        guess = read_integers(file) if file else np.full_like(truth, _NOTHING)
        if file:
            need_length(guess, len(truth), file)
        counts += confusion(_places(guess, known), _places(truth, known), len(known))
    scores = scannet_semantics(counts, options["average"])
    if "IoU" in scores:
        ordered = [names[label] for label in known.tolist()]
        scores["IoU"] = dict(zip(ordered, scores["IoU"], strict=True))
    return {**scores, "scenes": len(pairs)}


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
