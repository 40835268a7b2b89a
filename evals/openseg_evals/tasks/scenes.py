"""Objects and labels of scenes as ScanNet's benchmarks take them: a text file a scene."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.io.files import write_atomic
from openseg.io.scenes.submission import Predicted, write_instances
from openseg_evals.formats.scannet import read_instances, read_integers
from openseg_evals.samples import SceneSample, SceneTarget
from openseg_evals.tasks.scene_answer import SceneAnswer

NO_LABEL = 0


class _SceneFiles:
    """A folder with files of each scene; a scene that is written again is the same."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def mark(self) -> int:
        """Nothing has to be kept in mind: a scene has files of its own."""
        return 0

    def back_to(self, mark: int) -> None:
        """Files of a scene that was broken off are written over."""

    def finish(self) -> None:
        """Nothing is left to do."""


class InstanceFiles(_SceneFiles):
    """ScanNet's submission of 3D instances: lists of masks, labels and confidences.

    Args:
        path: The folder; packed as a zip it is what the benchmark's server takes.
    """

    def write(self, sample: SceneSample, answer: SceneAnswer | None) -> None:
        """Writes the list of a scene and its masks, best first: the evaluator walks in order."""
        found, total = [], 0
        if answer is not None:
            total = answer.total
            found = [
                Predicted(answer.labels[row], answer.scores[row], answer.points[row])
                for row in answer.best_first()
            ]
        write_instances(self.path, sample.id, found, total)

    def regions(self, sample: SceneSample) -> list[SceneTarget]:
        """The best objects of a scene, as many as are true: a ranking has no natural end."""
        listed = read_instances(self.path / f"{sample.id}.txt")[: len(sample.targets())]
        return [SceneTarget(one.label, _inside(read_integers(one.mask))) for one in listed]


class LabelFiles(_SceneFiles):
    """ScanNet's submission of 3D semantics: the label of each vertex, 0 for none.

    Args:
        path: The folder.
    """

    def write(self, sample: SceneSample, answer: SceneAnswer | None) -> None:
        """Writes the labels of a scene: at each point that of the object with the highest score."""
        from openseg.io.scenes.ply import read_cloud

        total = len(read_cloud(sample.cloud)) if answer is None else answer.total
        labels = np.full(total, NO_LABEL, dtype=np.int64)
        if answer is not None:
            for row in reversed(answer.best_first()):
                labels[answer.points[row]] = answer.labels[row]
        lines = "\n".join(map(str, labels.tolist()))
        write_atomic(self.path / f"{sample.id}.txt", f"{lines}\n".encode())

    def regions(self, sample: SceneSample) -> list[SceneTarget]:
        """A region a label."""
        labels = read_integers(self.path / f"{sample.id}.txt")
        return [
            SceneTarget(label, _inside(labels == label))
            for label in dict.fromkeys(sample.class_ids)
            if (labels == label).any()
        ]


def open_instances(folder: Path, _options: Mapping[str, str]) -> InstanceFiles:
    """Lists and masks under `instances/`."""
    return InstanceFiles(folder / "instances")


def open_labels(folder: Path, _options: Mapping[str, str]) -> LabelFiles:
    """Labels under `labels/`."""
    return LabelFiles(folder / "labels")


def _inside(values: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.flatnonzero(values).astype(np.int64)
