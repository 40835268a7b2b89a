"""Samples of 3D segmentation: a scene, the whole vocabulary, and an integer for each vertex.

The truth of the metrics is a folder of `<scene>.txt`: label * 1000 + instance a vertex for
instances, the label for semantics; 0 where nothing is annotated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.api.scenes.objects import PROPOSALS
from openseg.io.files import write_atomic
from openseg.types.errors import InputError, UserError
from openseg_evals.dataset_kinds.semantic import link
from openseg_evals.dataset_options import Option
from openseg_evals.formats.label_sets import LabelSet
from openseg_evals.formats.scannet import need_length, read_integers
from openseg_evals.formats.scannet_annotations import PER_LABEL
from openseg_evals.samples import SceneSample, SceneTarget

TASK = Option(
    "instances", "what is scored: objects, or the class of every vertex", ("instances", "semantics")
)
TOLD = {
    "labelled": Option(
        "0", "points of each true object that methods are told that start from labelled points"
    ),
    "proposals": Option(
        "", "folder of <scene>.txt, .npz or .pt with the objects that a 3D network found"
    ),
}
"""What methods are told beside the scene."""

TRUTH = Option(
    "",
    "folder with <scene>.txt, label * 1000 + instance a vertex; made from the annotations if not "
    "given",
)

ReadIds = Callable[[], NDArray[np.int64]]


@dataclass(frozen=True)
class LabelledScene:
    """A scene and its truth.

    Attributes:
        id: Its name.
        folder: Its folder.
        cloud: The PLY file whose vertices are labelled.
        annotated: Reads label * 1000 + instance of each vertex from the official annotations.
        tags: What the data set says about it.
    """

    id: str
    folder: Path
    cloud: Path
    annotated: ReadIds
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What methods are told of scenes beside frames and cloud.

    Attributes:
        labelled: Points of each true object.
        proposals: The file of each scene's proposals; empty if there are none.
    """

    labelled: int = 0
    proposals: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, chosen: Mapping[str, str], scenes: Sequence[str]) -> Told:
        """What a user chose.

        Args:
            folder: The data set's folder, which a relative path starts from.
            chosen: The options, with those of `TOLD`.
            scenes: The scenes.

        Raises:
            UserError: If `labelled` is no number, or a scene has no proposals.
        """
        if not chosen["labelled"].isdecimal():
            what = f"labelled={chosen['labelled']} is not a number"
            raise UserError(what, fix="write for example 3")
        proposals: dict[str, Path] = {}
        if chosen["proposals"]:
            home = folder / chosen["proposals"]
            for scene in scenes:
                files = [home / f"{scene}{ending}" for ending in PROPOSALS]
                there = next((one for one in files if one.is_file()), None)
                if there is None:
                    fix = f"it needs {scene}.txt, .npz or .pt"
                    raise InputError(f"has no proposals of {scene}", where=str(home), fix=fix)
                proposals[scene] = there
        return cls(int(chosen["labelled"]), proposals)


class LabelledScenes:
    """Scenes with labelled vertices; a scene is a sample and a unit.

    Args:
        name: Names the folder of converted truth: data set, labels and split.
        scenes: The scenes of the split.
        labels: The label set and its name as metrics know it, empty if they do not.
        task: `instances` or `semantics`.
        given: Folder of truth in the metric's format; None if it is made from the annotations.
        told: What methods are told beside the scene.
    """

    def __init__(
        self,
        name: str,
        scenes: Sequence[LabelledScene],
        labels: tuple[str, LabelSet],
        *,
        task: str,
        given: Path | None = None,
        told: Told,
    ) -> None:
        self.metric_options: Mapping[str, str] = {"labels": labels[0]} if labels[0] else {}
        self._name = f"{name}-{task}"
        self._scenes = scenes
        self._task = task
        self._given = given
        names = labels[1].instance_names if task == "instances" else labels[1].names
        self.samples: Sequence[SceneSample] = [
            SceneSample(
                id=one.id,
                unit=one.id,
                scene=one.folder,
                cloud=one.cloud,
                phrases=tuple(names.values()),
                class_ids=tuple(names),
                stuff=labels[1].stuff & names.keys(),
                labelled=told.labelled,
                proposals=told.proposals.get(one.id),
                tags=one.tags,
                targets=partial(self._targets, one, frozenset(names)),
            )
            for one in scenes
        ]

    def truth(self, workdir: Path) -> Path:
        """The folder of the split's `<scene>.txt`; it holds nothing else.

        Args:
            workdir: The folder is made in it, unless the given one holds just these.

        Raises:
            InputError: If an annotation is missing, broken, or does not fit the scene's mesh.
        """
        instances = self._task == "instances"
        wanted = {f"{one.id}.txt" for one in self._scenes}
        if self._given and instances and {p.name for p in self._given.glob("*.txt")} == wanted:
            return self._given
        folder = workdir / self._name
        folder.mkdir(parents=True, exist_ok=True)
        for one in self._scenes:
            file = folder / f"{one.id}.txt"
            if self._given and instances:
                link(self._given / file.name, file)
            elif not file.exists():
                ids = self._ids(one)
                lines = "\n".join(map(str, (ids if instances else ids // PER_LABEL).tolist()))
                write_atomic(file, f"{lines}\n".encode())
        return folder

    def _targets(self, one: LabelledScene, asked: frozenset[int]) -> list[SceneTarget]:
        ids = self._ids(one)
        if self._task == "semantics":
            ids = ids // PER_LABEL * PER_LABEL
        found = [int(value) for value in np.unique(ids) if value // PER_LABEL in asked]
        return [
            SceneTarget(value // PER_LABEL, np.flatnonzero(ids == value).astype(np.int64))
            for value in found
        ]

    def _ids(self, one: LabelledScene) -> NDArray[np.int64]:
        from openseg.io.scenes.ply import read_cloud

        file = self._given / f"{one.id}.txt" if self._given else None
        ids = read_integers(file) if file else one.annotated()
        need_length(ids, len(read_cloud(one.cloud)), file or one.cloud)
        return ids


def given_truth(folder: Path, chosen: str, scenes: Sequence[str]) -> Path | None:
    """The folder of truth that a user names; None if none is named.

    Args:
        folder: The data set's folder, which a relative path starts from.
        chosen: The option's value.
        scenes: The scenes that it must hold.

    Raises:
        InputError: If it is not there, or lacks scenes.
    """
    if not chosen:
        return None
    path = folder / chosen
    missing = [one for one in scenes if not (path / f"{one}.txt").is_file()]
    if missing:
        what = f"holds no {missing[0]}.txt ({len(missing)} of {len(scenes)} scenes are missing)"
        fix = "give a folder of <scene>.txt, or leave 'truth' out to use the annotations"
        raise InputError(what, where=str(path), fix=fix)
    return path
