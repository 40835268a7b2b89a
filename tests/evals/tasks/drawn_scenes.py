"""Answers about scenes drawn by hand: objects as rows of text, `#` for the points of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from openseg_evals.samples import SceneSample, SceneTarget
from openseg_evals.tasks.scene_answer import SceneAnswer
from tests.io.scenes.writers import write_cloud

POINTS = 8


def points(row: str) -> np.ndarray:
    return np.array([place for place, one in enumerate(row) if one == "#"], dtype=np.int64)


def scene_answer(*objects: tuple[str, float, int]) -> SceneAnswer:
    """Objects as points, score and label."""
    return SceneAnswer(
        tuple(points(row) for row, _, _ in objects),
        tuple(score for _, score, _ in objects),
        tuple(label for _, _, label in objects),
        POINTS,
    )


def scene_sample(folder: Path, number: int = 1, truth=(), class_ids=(1, 2)) -> SceneSample:
    """A scene of eight points; truth as pairs of label and points."""
    name = f"scene{number:04d}_00"
    cloud = folder / f"{name}.ply"
    if not cloud.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_cloud(cloud, np.arange(3 * POINTS, dtype=float).reshape(-1, 3))
    return SceneSample(
        id=name,
        unit=name,
        scene=folder,
        cloud=cloud,
        phrases=("cup", "cap")[: len(class_ids)],
        class_ids=class_ids,
        targets=lambda: [SceneTarget(label, points(row)) for label, row in truth],
    )
