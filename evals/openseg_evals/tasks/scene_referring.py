"""One object of a scene for a sentence, as ScanRefer's benchmark takes it: the box around it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.io.rle import encode_masks
from openseg.io.scenes.ply import read_cloud
from openseg_evals import rle
from openseg_evals.samples import SceneSample, SceneTarget
from openseg_evals.tasks.scene_answer import SceneAnswer
from openseg_evals.tasks.task import LineFile, as_rle
from openseg_evals.upright_boxes import corners_of, upright_box


class SceneReferrals(LineFile):
    """A line a sentence: the object with the highest score, null where nothing was found.

    `bbox` holds the corners of its box in the scan's own axes, as ScanRefer's `pred.json`; `points`
    its points as a mask of one line, for pictures.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._positions = lru_cache(1)(_positions)  # sentences of a scene follow each other

    def write(self, sample: SceneSample, answer: SceneAnswer | None) -> None:
        """Appends the line of a sentence."""
        best = answer.best_first()[:1] if answer is not None else []
        if answer is None or not best or not len(answer.points[best[0]]):
            self.append([{**sample.key, "bbox": None, "points": None}])
            return
        points = answer.points[best[0]]
        box = upright_box(self._positions(sample.cloud)[points], sample.axes)
        mask = np.zeros((1, 1, answer.total), dtype=np.bool_)
        mask[0, 0, points] = True
        line = {**sample.key, "bbox": corners_of(box), "points": encode_masks(mask)[0]}
        self.append([line])

    def regions(self, sample: SceneSample) -> list[SceneTarget]:
        """The object of a sentence."""
        masks = [line["points"] for line in self.lines_of(sample.key) if line["points"] is not None]
        return [
            SceneTarget(sample.class_ids[0], np.flatnonzero(rle.decode(as_rle(one))))
            for one in masks
        ]


def open_predictions(folder: Path, _options: Mapping[str, str]) -> SceneReferrals:
    """Lines in `predictions.jsonl`."""
    return SceneReferrals(folder / "predictions.jsonl")


def _positions(cloud: Path) -> NDArray[np.float32]:
    positions: NDArray[np.float32] = read_cloud(cloud).positions.numpy()
    return positions
