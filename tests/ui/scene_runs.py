"""Run folders of scenes for the viewer's tests: the box room, and clouds of any size."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

import openseg
from openseg.api.run_folder import FORMAT_VERSION, SceneRunFolder
from openseg.api.scenes.records import SceneInstance, SceneRecord
from openseg.api.scenes.runs import SceneRunRequest, run_scenes
from openseg.graph.events import Timings
from openseg.io.point_runs import encode_points
from openseg.io.scenes.ply import Mesh, write_ply
from openseg.types import PointCloud
from tests.scene_toys import write_scene_method

BALLS = (8, 5)


def box_run(scene: Path, folder: Path) -> Path:
    """A run of the toy method: a box (score 0.9) and a mat (0.6); gives its folder."""
    method = openseg.load(write_scene_method(folder / "methods"), device="cpu")
    request = SceneRunRequest([scene], "box;mat", formats=frozenset({"overlay", "ply"}))
    run_scenes(method, request, folder / "run")
    return folder / "run"


def instance(phrase: str, class_id: int, score: float, positions, points) -> SceneInstance:
    """An object of some points."""
    mine = positions[points]
    box = (*mine.min(axis=0).tolist(), *mine.max(axis=0).tolist())
    return SceneInstance(phrase, class_id, score, box, tuple(encode_points(np.sort(points))))


def write_run(folder: Path, records) -> Path:
    """A finished run with these records."""
    identity = {
        "format": FORMAT_VERSION, "kind": "scenes", "method": {"name": "made_up"},
        "weights": {}, "text": "ball; cube",
    }  # fmt: skip
    with SceneRunFolder.open(folder, identity, resume=False, overwrite=False) as opened:
        for record in records:
            opened.append(record)
        opened.finish(Timings(), {})
    return folder


def hall(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of a hall with forty balls: float32 [n, 3], and the ball of each, -1 for none."""
    random = np.random.default_rng(0)
    size = np.array([16, 10, 3.5], dtype=np.float32)
    places = random.random((count, 3), dtype=np.float32) * size
    kind = random.random(count)
    places[kind < 0.35, 2] = 0
    for axis, (low, high) in enumerate(((0.35, 0.5), (0.5, 0.65))):
        mine = (kind >= low) & (kind < high)
        places[mine, axis] = size[axis] * random.integers(0, 2, mine.sum())
    owner = np.where(kind < 0.65, -1, random.integers(0, BALLS[0] * BALLS[1], count))
    away = random.normal(size=(count, 3)).astype(np.float32)
    away *= 0.55 / np.linalg.norm(away, axis=1, keepdims=True)
    middles = np.stack([1 + 2 * (owner % BALLS[0]), 1 + 2 * (owner // BALLS[0]), 0 * owner + 0.6])
    ball = owner >= 0
    places[ball] = middles.T[ball] + away[ball]
    return places.astype(np.float32), owner


def hall_run(folder: Path, count: int) -> Path:
    """A run on the hall; gives its folder."""
    places, owner = hall(count)
    shade = 90 + 45 * (np.floor(places).sum(axis=1, keepdims=True) % 2)
    colors = np.clip(shade + 8 * places, 0, 255).astype(np.uint8)
    path = folder / "hall.ply"
    write_ply(path, Mesh(PointCloud(torch.from_numpy(places), torch.from_numpy(colors))))
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(BALLS[0] * BALLS[1] + 1))
    found = tuple(
        instance(
            ("ball", "globe", "planet")[i % 3], i % 3, round(0.99 - i / 60, 3), places, order[a:b]
        )
        for i, (a, b) in enumerate(pairwise(edges))
    )
    record = SceneRecord("hall", str(folder), str(path), count, 0, found)
    return write_run(folder / "run", [record])
