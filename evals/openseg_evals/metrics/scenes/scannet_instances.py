"""ScanNet's 3D instance AP: greedy matching by IoU, area under the curve without an envelope.

Source: ScanNet `evaluate_semantic_instance.py` and OpenMask3D's fork for ScanNet200. A scene is
reduced to integer counts by one bincount a prediction, over the truth's instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.tallies.precision_curves import Events, PrecisionCurves

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


class SceneTable:
    """Scenes matched at every threshold, so that any selection of them can be scored.

    Args:
        scenes: The counts of each.
        names: Name of each evaluated class by label; `AGNOSTIC` alone if there are no classes.
        groups: Labels by group (head, common, tail), averaged apart.
    """

    def __init__(
        self,
        scenes: Sequence[SceneCounts],
        names: Mapping[int, str],
        groups: Mapping[str, frozenset[int]] | None = None,
    ) -> None:
        self._names, self._groups = names, groups or {}
        self._truths = np.zeros((len(scenes), len(names)), dtype=np.int64)
        place = {label: row for row, label in enumerate(names)}
        events = [Events(*np.zeros((4, 0)))]
        for number, scene in enumerate(scenes):
            for label, part in _by_class(scene):
                row = place[label]
                self._truths[number, row] = (part.truth_sizes >= MIN_VERTICES).sum()
                for threshold, iou in enumerate(THRESHOLDS):
                    score, hit = _match(part, iou)
                    curve = np.full(len(score), row * len(THRESHOLDS) + threshold)
                    events.append(Events(curve, np.full(len(score), number), score, hit))
        curve, of_scene, score, hit = (np.concatenate(one) for one in zip(*events, strict=True))
        self._events = Events(curve.astype(np.int64), of_scene.astype(np.int64), score, hit > 0)
        self._curves = PrecisionCurves(self._events)

    def scores(self, times: NDArray[np.int64]) -> dict[str, Any]:
        """Scores the scenes.

        Args:
            times: How often each scene counts, `int64 [scenes]`.

        Returns:
            Fractions `AP` (mean over IoU thresholds 0.50 to 0.90), `AP50`, `AP25`, over the classes
            with truth of at least 100 vertices (their number is `classes_averaged`); the same for
            each group, and for each class in `per_class`. None where there is no truth.
        """
        truths = times @ self._truths
        table = _table(self._curves, times, truths)
        scores: dict[str, Any] = _summary(table)
        scores["classes_averaged"] = int((truths > 0).sum())
        for group, labels in self._groups.items():
            scores[group] = _summary(table[[label in labels for label in self._names]])
        names = self._names.values()
        scores["per_class"] = {name: _summary(table[[row]]) for row, name in enumerate(names)}
        return scores

    def precision_of_scenes(self) -> NDArray[np.float64]:
        """AP of each scene alone, `float64 [n]`: 0 with predictions only, NaN with nothing."""
        scenes, classes = self._truths.shape
        own = self._events.scene * classes * len(THRESHOLDS) + self._events.curve
        curves = PrecisionCurves(self._events._replace(curve=own))
        table = _table(curves, np.ones(scenes, dtype=np.int64), self._truths.ravel())
        precision = np.full(scenes, np.nan)
        precision[self._events.scene] = 0.0
        for scene, own_table in enumerate(table.reshape(scenes, classes, -1)):
            own_precision = _summary(own_table)["AP"]
            precision[scene] = precision[scene] if own_precision is None else own_precision
        return precision


def _table(
    curves: PrecisionCurves, times: NDArray[np.int64], truths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """AP by class and threshold, `float64 [classes, thresholds]`."""
    areas = curves.areas(times, np.repeat(truths, len(THRESHOLDS)))
    return areas.reshape(len(truths), len(THRESHOLDS))


def _summary(table: NDArray[np.float64]) -> dict[str, float | None]:
    defined = table[~np.isnan(table[:, 0])]
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


def _match(part: SceneCounts, threshold: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores of the matches and of the false positives, and which of them are matches.

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
    scores = np.concatenate((hits, errors, part.scores[alone]))
    return scores, np.arange(len(scores)) < len(hits)
