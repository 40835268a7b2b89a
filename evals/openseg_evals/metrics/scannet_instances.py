"""ScanNet's 3D instance AP: greedy matching by IoU, area under the curve without an envelope.

Source: ScanNet `evaluate_semantic_instance.py` and OpenMask3D's fork for ScanNet200. A scene is
reduced to integer counts by one bincount a prediction, over the truth's instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LABEL_UNIT = 1000
MIN_VERTICES = 100
THRESHOLDS = (*np.arange(0.5, 0.95, 0.05), 0.25)
AGNOSTIC = 1


@dataclass(frozen=True)
class SceneCounts:
    """What the score needs of a scene, in vertices.

    Attributes:
        truth_labels: Class of each true instance, in ascending order of id, `int64 [g]`.
        truth_sizes: Its vertices, `int64 [g]`.
        labels: Class of each prediction in file order, small ones left out, `int64 [p]`.
        scores: Its confidence, `float64 [p]`.
        sizes: Its vertices, `int64 [p]`.
        void: Those of them on truth that is not evaluated, `int64 [p]`.
        shared: Vertices of each pair, `int64 [p, g]`.
    """

    truth_labels: NDArray[np.int64]
    truth_sizes: NDArray[np.int64]
    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    sizes: NDArray[np.int64]
    void: NDArray[np.int64]
    shared: NDArray[np.int64]


def count_scene(
    ids: NDArray[np.int64],
    predictions: Iterable[tuple[int, float, NDArray[np.bool_]]],
    classes: Iterable[int],
    *,
    by_class: bool = True,
) -> SceneCounts:
    """Counts one scene; holds one predicted mask at a time.

    Args:
        ids: Label * 1000 + instance of each vertex, `int64 [n]`; other labels than `classes` are
            void.
        predictions: Label, confidence and mask `bool [n]` of each; read once, in order.
        classes: The evaluated labels.
        by_class: False gives truth and predictions one class, whatever their labels.

    Returns:
        The counts.
    """
    known = np.array(sorted(classes), dtype=np.int64)
    found, place = np.unique(ids, return_inverse=True)
    evaluated = np.isin(found // LABEL_UNIT, known) & (found != 0)
    columns = np.where(evaluated, np.cumsum(evaluated), 0)  # column 0 is void
    column = columns[place].astype(np.int32)
    instances = int(evaluated.sum())
    wanted = set(known.tolist())
    rows, labels, scores = [], [], []
    for label, score, mask in predictions:
        if by_class and label not in wanted:
            continue
        row = np.bincount(column[mask], minlength=instances + 1)
        if row.sum() >= MIN_VERTICES:
            rows.append(row)
            labels.append(label if by_class else AGNOSTIC)
            scores.append(score)
    counts = np.array(rows, dtype=np.int64).reshape(len(rows), instances + 1)
    truth_labels = found[evaluated] // LABEL_UNIT
    return SceneCounts(
        truth_labels=truth_labels if by_class else np.full_like(truth_labels, AGNOSTIC),
        truth_sizes=np.bincount(column, minlength=instances + 1)[1:].astype(np.int64),
        labels=np.array(labels, dtype=np.int64),
        scores=np.array(scores, dtype=np.float64),
        sizes=counts.sum(axis=1),
        void=counts[:, 0],
        shared=counts[:, 1:],
    )


def scannet_instances(
    scenes: Iterable[SceneCounts],
    names: Mapping[int, str],
    groups: Mapping[str, frozenset[int]] | None = None,
) -> dict[str, Any]:
    """Scores a set of scenes.

    Args:
        scenes: The counts of each.
        names: Name of each evaluated class by label; `AGNOSTIC` alone if there are no classes.
        groups: Labels by group (head, common, tail), averaged apart.

    Returns:
        Fractions `AP` (mean over IoU thresholds 0.50 to 0.90), `AP50`, `AP25`, over the classes
        with truth of at least 100 vertices (their number is `classes_averaged`); the same for
        each group, and for each class in `per_class`. None where there is no truth.
    """
    parts: dict[int, list[SceneCounts]] = {label: [] for label in names}
    for scene in scenes:
        for label, part in _by_class(scene):
            parts[label].append(part)
    table = {
        label: np.array([_average_precision(part, one) for one in THRESHOLDS])
        for label, part in parts.items()
    }
    scores: dict[str, Any] = _summary(list(table.values()))
    scores["classes_averaged"] = sum(not np.isnan(one[0]) for one in table.values())
    for group, labels in (groups or {}).items():
        scores[group] = _summary([row for label, row in table.items() if label in labels])
    scores["per_class"] = {name: _summary([table[label]]) for label, name in names.items()}
    return scores


def _summary(rows: list[NDArray[np.float64]]) -> dict[str, float | None]:
    defined = np.array([row for row in rows if not np.isnan(row[0])])
    if not defined.size:
        return {"AP": None, "AP50": None, "AP25": None}
    return {
        "AP": float(defined[:, :-1].mean()),
        "AP50": float(defined[:, 0].mean()),
        "AP25": float(defined[:, -1].mean()),
    }


def _by_class(scene: SceneCounts) -> Iterator[tuple[int, SceneCounts]]:
    for label in np.union1d(scene.truth_labels, scene.labels).tolist():
        true, mine = scene.truth_labels == label, scene.labels == label
        yield (
            label,
            SceneCounts(
                truth_labels=scene.truth_labels[true],
                truth_sizes=scene.truth_sizes[true],
                labels=scene.labels[mine],
                scores=scene.scores[mine],
                sizes=scene.sizes[mine],
                void=scene.void[mine],
                shared=scene.shared[np.ix_(mine, true)],
            ),
        )


def _average_precision(parts: list[SceneCounts], threshold: float) -> float:
    """AP of one class at one threshold; NaN without truth of the smallest size or more."""
    if not any((part.truth_sizes >= MIN_VERTICES).any() for part in parts):
        return float("nan")
    matched, false, missed = [], [], 0
    for part in parts:
        hits, errors, lost = _match(part, threshold)
        matched.append(hits)
        false.append(errors)
        missed += lost
    return _area(np.concatenate(matched), np.concatenate(false), missed)


def _match(
    part: SceneCounts, threshold: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Scores of the matches, scores of the false positives, and the number of missed truths.

    Only the first overlapping prediction of a truth is used up by it; the others count as false
    for this truth, and remain for the next. A match takes the best score among them.
    """
    iou = part.shared / (part.sizes[:, None] + part.truth_sizes[None] - part.shared)
    over = iou > threshold
    used = np.zeros(len(part.scores), dtype=np.bool_)
    hits: list[float] = []
    errors: list[float] = []
    large = part.truth_sizes >= MIN_VERTICES
    for truth in np.flatnonzero(large):
        rivals = np.flatnonzero(over[:, truth] & ~used)
        if rivals.size:
            used[rivals[0]] = True
            *worse, best = sorted(part.scores[rivals].tolist())
            hits.append(best)
            errors += worse
    ignored = (part.void + part.shared[:, ~large].sum(axis=1)) / part.sizes
    alone = ~over.any(axis=1) & (ignored <= threshold)
    false = np.concatenate((errors, part.scores[alone]))
    return np.array(hits, dtype=np.float64), false, int(large.sum()) - len(hits)


def _area(matched: NDArray[np.float64], false: NDArray[np.float64], missed: int) -> float:
    """Area under precision over recall, one point a distinct score and a last one at recall 0."""
    levels = np.unique(np.concatenate((matched, false)))
    hits = len(matched) - np.searchsorted(np.sort(matched), levels)
    kept = hits + len(false) - np.searchsorted(np.sort(false), levels)
    positives = len(matched) + missed
    precision = np.append(hits / kept, 1.0)
    recall = np.append(hits / positives, 0.0)
    around = np.concatenate((recall[:1], recall, [0.0]))
    return float(precision @ (around[:-2] - around[2:]) / 2)
