"""Samples of ScanRefer: a sentence is a sample, a scan is a unit, a box is the truth."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.io.files import write_atomic
from openseg.io.scenes.ply import read_cloud
from openseg.types.errors import InputError
from openseg_evals.dataset_kinds.scans import Scan
from openseg_evals.datasets.scanrefer.referrals import Referral
from openseg_evals.formats.scannet import need_length
from openseg_evals.formats.scannet_annotations import PER_LABEL, Preparation
from openseg_evals.samples import SceneSample, SceneTarget
from openseg_evals.upright_boxes import Axes, corners_of, upright_box

ASKED = 1
"""The label of what a sentence asks for; predictions name no class."""

CLASSES = {
    3: "cabinet", 4: "bed", 5: "chair", 6: "sofa", 7: "table", 8: "door", 9: "window",
    10: "bookshelf", 11: "picture", 12: "counter", 14: "desk", 16: "curtain", 24: "refrigerator",
    28: "shower curtain", 33: "toilet", 34: "sink", 36: "bathtub",
}  # fmt: skip
"""ScanRefer's classes by NYU40 id (`data/scannet/model_util_scannet.py`)."""

OTHERS = "others"
"""The class of everything else, and of names that ScanNet's table does not have."""

_OBJECTS = Preparation("nyu40id", "objectId")


class ReferredObjects:
    """Sentences about objects of scans.

    Args:
        name: Names the file of the truth: data set and split.
        said: The sentences, those of a scan next to each other.
        scans: The scans by name.
        axes: The axes that boxes of each are measured in.
        classes: NYU40 ids by the annotators' names.
    """

    def __init__(
        self,
        name: str,
        said: Sequence[Referral],
        scans: Mapping[str, Scan],
        axes: Mapping[str, Axes],
        classes: Mapping[str, int],
    ) -> None:
        self.metric_options: Mapping[str, str] = {}
        self._name = name
        self._said = said
        self._scans = scans
        self._axes = axes
        self._classes = classes
        self._objects = lru_cache(1)(_objects)  # sentences of a scan follow each other
        tags = {name: scan.tags() for name, scan in scans.items()}
        self.samples: Sequence[SceneSample] = [
            SceneSample(
                id=f"{one.scene}-{one.object}-{one.ann}",
                unit=one.scene,
                scene=scans[one.scene].home,
                cloud=scans[one.scene].mesh,
                phrases=(one.text,),
                class_ids=(ASKED,),
                targets=partial(self._targets, one),
                key=one.key,
                axes=axes[one.scene],
                tags=tags[one.scene],
            )
            for one in said
        ]

    def truth(self, workdir: Path) -> Path:
        """The file of boxes, as the official `ScanRefer_filtered_test_gt_bbox.json`.

        `class` stands beside what the official file has: that of the object's name.

        Args:
            workdir: Where the file is made.

        Raises:
            InputError: If an annotation is missing, broken, or does not fit the scan's mesh.
        """
        file = workdir / f"{self._name}_gt_bbox.jsonl"
        if not file.exists():
            lines = [json.dumps(self._entry(one), separators=(",", ":")) for one in self._said]
            write_atomic(file, "".join(f"{one}\n" for one in lines).encode())
        return file

    def _entry(self, one: Referral) -> dict[str, object]:
        points, _ = self._objects(self._scans[one.scene])
        box = upright_box(points[self._vertices(one)], self._axes[one.scene])
        kind = CLASSES.get(self._classes.get(one.name, 0), OTHERS)
        return {**one.key, "object_name": one.name, "class": kind, "bbox": corners_of(box)}

    def _targets(self, one: Referral) -> list[SceneTarget]:
        return [SceneTarget(ASKED, self._vertices(one))]

    def _vertices(self, one: Referral) -> NDArray[np.int64]:
        """The vertices of a sentence's object, at least one."""
        scan = self._scans[one.scene]
        _, objects = self._objects(scan)
        vertices = np.flatnonzero(objects == int(one.object) + 1).astype(np.int64)
        if not vertices.size:
            what = f"object {one.object}, which sentence {one.ann} describes, has no vertex"
            fix = "give the scans that the sentences were said of"
            raise InputError(what, where=str(scan.aggregation), fix=fix)
        return vertices


def _objects(scan: Scan) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A scan's vertices `[n, 3]`, and the object of each, counted from 1; 0 for none."""
    points: NDArray[np.float32] = read_cloud(scan.mesh).positions.numpy()
    ids = scan.vertex_ids({}, _OBJECTS)
    need_length(ids, len(points), scan.mesh)
    return points, ids % PER_LABEL
