"""The box room with two objects, a box and a mat, and a stage that finds them; no model.

The stage knows where the objects are and leaves a share of the mat's points out, so all numbers can
be reckoned by hand. It is registered for the time of a test only.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from pydantic import Field

from openseg import ops
from openseg.graph import registry
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import (
    Frames,
    Instances3D,
    Phrases,
    PointCloud,
    Rows,
    Sightings,
    TextQuery,
)
from tests.io.scenes.writers import scannet
from tests.scenes import BOX, recording

MAT = np.array([[0.2, 0.2, 0.0], [1.2, 1.0, 0.0]])
BOUNDS = {"box": BOX, "mat": MAT}
SCORES = {"box": 0.9, "mat": 0.6}


def points_of(name: str, positions: np.ndarray) -> np.ndarray:
    """Rows of the points of an object, int64."""
    low, high = BOUNDS[name]
    inside = ((positions >= low - 1e-4) & (positions <= high + 1e-4)).all(axis=1)
    if name == "box":
        inside &= positions[:, 2] > 1e-4  # the floor under its edges is floor
    return np.flatnonzero(inside)


class FindObjects(Stage):
    """The objects that are asked for, seen by the frames that see any of their points."""

    name = "toy.objects"

    class Config(StageConfig):
        missed: float = Field(0.0, description="Share of the mat's points that is left out.")

    class Outputs(NamedTuple):
        instances: Batch[Instances3D]

    def run(
        self, frames: Batch[Frames], cloud: Batch[PointCloud], query: Batch[TextQuery]
    ) -> Outputs:
        rows = zip(frames, cloud, query, strict=True)
        return self.Outputs([self._find(*one) for one in rows])

    def _find(self, frames: Frames, cloud: PointCloud, query: TextQuery) -> Instances3D:
        asked = [phrase for phrase in query.phrases if phrase.text in BOUNDS]
        found = [points_of(phrase.text, cloud.positions.numpy()) for phrase in asked]
        found = [
            some[int(self.config.missed * len(some)) :] if phrase.text == "mat" else some
            for phrase, some in zip(asked, found, strict=True)
        ]
        return Instances3D(
            torch.from_numpy(np.concatenate([np.zeros(0, np.int64), *found])),
            torch.tensor([len(some) for some in found], dtype=torch.int64).cumsum(0),
            torch.tensor([SCORES[phrase.text] for phrase in asked]),
            len(cloud),
            Phrases(tuple(asked)),
            self._evidence(frames, cloud, found),
        )

    def _evidence(self, frames: Frames, cloud: PointCloud, found: list[np.ndarray]) -> Sightings:
        rows = []
        for instance, points in enumerate(found):
            for view, frame in enumerate(frames):
                camera = frame.depth_camera
                seen = ops.geometry.seen(cloud.positions[points], camera, frame.depth(), 0.05)
                if len(seen.points):
                    y, x = np.divmod(seen.pixels.numpy(), camera.size[1])
                    box = (x.min(), y.min(), x.max() + 1, y.max() + 1)
                    rows.append((instance, view, box, len(seen.points) / len(points)))
        return Sightings(
            torch.tensor([row[0] for row in rows], dtype=torch.int64),
            torch.tensor([row[1] for row in rows], dtype=torch.int64),
            torch.tensor(np.array([row[2] for row in rows]), dtype=torch.float32).reshape(-1, 4),
            torch.full((len(rows),), -1, dtype=torch.int64),
            torch.tensor([row[3] for row in rows], dtype=torch.float32),
            frames.names,
        )


class ProposeObjects(Stage):
    """The left-over parts of the box and the mat, without words."""

    name = "toy.propose"

    class Config(StageConfig):
        missed: float = Field(0.0, description="Share of each object's points that is left out.")

    class Outputs(NamedTuple):
        instances: Batch[Instances3D]

    def run(self, cloud: Batch[PointCloud]) -> Outputs:
        return self.Outputs([self._propose(one) for one in cloud])

    def _propose(self, cloud: PointCloud) -> Instances3D:
        found = [points_of(name, cloud.positions.numpy()) for name in BOUNDS]
        found = [some[int(self.config.missed * len(some)) :] for some in found]
        ends = torch.tensor([len(some) for some in found]).cumsum(0)
        return Instances3D(
            torch.from_numpy(np.concatenate(found)), ends, torch.ones(len(found)), len(cloud)
        )


class NameObjects(Stage):
    """Names objects by where they are; what lies elsewhere is dropped."""

    name = "toy.name"

    class Outputs(NamedTuple):
        instances: Batch[Instances3D]
        rows: Batch[Rows]

    def run(
        self,
        instances: Batch[Instances3D],
        cloud: Batch[PointCloud],
        query: Batch[TextQuery],
    ) -> Outputs:
        outputs = self.Outputs([], [])
        for objects, points, asked in zip(instances, cloud, query, strict=True):
            rows, words = [], []
            for row in range(len(objects)):
                mine = points.positions[objects.of(row)].numpy()
                phrase = next((p for p in asked.phrases if _mostly(p.text, mine)), None)
                if phrase is not None:
                    rows.append(row)
                    words.append(phrase)
            outputs.instances.append(replace(objects.take(rows), phrases=Phrases(tuple(words))))
            outputs.rows.append(Rows(torch.tensor(rows, dtype=torch.int64)))
        return outputs


class GrowLabels(Stage):
    """Labelled points grown to the whole object that most of them lie in."""

    name = "toy.grow"

    class Outputs(NamedTuple):
        instances: Batch[Instances3D]

    def run(self, cloud: Batch[PointCloud], labels: Batch[Instances3D]) -> Outputs:
        return self.Outputs([self._grow(*one) for one in zip(cloud, labels, strict=True)])

    def _grow(self, cloud: PointCloud, labels: Instances3D) -> Instances3D:
        positions = cloud.positions.numpy()
        whole = [
            next(
                points_of(n, positions)
                for n in BOUNDS
                if _mostly(n, positions[labels.of(row).numpy()])
            )
            for row in range(len(labels))
        ]
        masks = torch.zeros(len(labels), len(cloud), dtype=torch.bool)
        for mask, points in zip(masks, whole, strict=True):
            mask[torch.from_numpy(points)] = True
        return Instances3D.from_masks(masks, labels.scores, labels.phrases)


def _mostly(name: str, positions: np.ndarray) -> bool:
    return name in BOUNDS and len(points_of(name, positions)) > len(positions) / 2


@pytest.fixture
def scene_stages(monkeypatch):
    """The stages can be named in YAML while a test runs."""
    for stage in (FindObjects, ProposeObjects, NameObjects, GrowLabels):
        monkeypatch.setitem(registry._stages, stage.name, stage)


@pytest.fixture(scope="session")
def box_room(tmp_path_factory) -> Path:
    """The room in ScanNet's layout: five frames and a cloud."""
    return scannet(tmp_path_factory.mktemp("rooms") / "scene0000_00", recording())


def write_scene_method(folder: Path, name: str = "toy_objects", missed: float = 0.0) -> str:
    """A method's YAML; gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(
        f"name: {name}\n"
        "inputs: {frames: Frames, cloud: PointCloud, query: TextQuery}\n"
        "nodes:\n"
        "  find:\n"
        "    use: toy.objects\n"
        "    in: {frames: frames, cloud: cloud, query: query}\n"
        f"    missed: {missed}\n"
        "outputs: {instances: find.instances}\n"
    )
    return str(path)


def write_two_step_method(folder: Path, name: str = "toy_two_steps", missed: float = 0.0) -> str:
    """A method that proposes without words and names afterwards; gives its YAML's path."""
    path = folder / f"{name}.yaml"
    path.write_text(
        f"name: {name}\n"
        "inputs: {cloud: PointCloud, query: TextQuery}\n"
        "nodes:\n"
        f"  propose: {{use: toy.propose, in: {{cloud: cloud}}, missed: {missed}}}\n"
        "  name:\n"
        "    use: toy.name\n"
        "    in: {instances: propose.instances, cloud: cloud, query: query}\n"
        "outputs: {instances: name.instances}\n"
    )
    return str(path)


def write_weak_method(folder: Path, name: str = "toy_weak") -> str:
    """A method that starts from labelled points; gives its YAML's path."""
    path = folder / f"{name}.yaml"
    path.write_text(
        f"name: {name}\n"
        "inputs: {cloud: PointCloud, labels: Instances3D}\n"
        "nodes: {grow: {use: toy.grow, in: {cloud: cloud, labels: labels}}}\n"
        "outputs: {instances: grow.instances}\n"
    )
    return str(path)


def write_given_method(folder: Path, name: str = "toy_given") -> str:
    """A method that names proposals it is told; gives its YAML's path."""
    path = folder / f"{name}.yaml"
    path.write_text(
        f"name: {name}\n"
        "inputs: {cloud: PointCloud, proposals: Instances3D, query: TextQuery}\n"
        "nodes:\n"
        "  name:\n"
        "    use: toy.name\n"
        "    in: {instances: proposals, cloud: cloud, query: query}\n"
        "outputs: {instances: name.instances}\n"
    )
    return str(path)
