"""Values of the edge types of scenes: a small room seen from three places."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch

from openseg.types import (
    Frames,
    Instances3D,
    InstanceViews,
    Phrases,
    PointCloud,
    Sightings,
    Superpoints,
    TextQuery,
    ViewMasks,
    ViewRegions,
)
from tests import scenes

SIZE = (48, 64)
VIEWS = 3
K = scenes.K * [[0.5], [0.5], [1.0]]

# The folder goes when the process ends.
_FILES = tempfile.TemporaryDirectory()


def makers(seed: int, count: int, query: TextQuery) -> dict[type, Callable[[], Any]]:
    """How a value of each type is made.

    Args:
        seed: Makes one sample differ from another.
        count: Objects in the scene, and regions in its views.
        query: What is asked; its phrases take turns.
    """
    random = torch.Generator().manual_seed(seed)
    phrases = Phrases(tuple(query.phrases[i % len(query.phrases)] for i in range(count)))
    corner = torch.rand(count, 2, generator=random) * torch.tensor([30.0, 20.0])
    boxes = torch.cat([corner, corner + 20], dim=1)
    views = torch.randint(0, VIEWS, (count,), generator=random).sort().values

    def instances() -> Instances3D:
        total = len(_cloud(seed))
        firsts = torch.randint(0, total // 2, (count, 1), generator=random)
        masks = (torch.arange(total) - firsts).abs() < total // 6
        made = Instances3D.from_masks(masks, torch.rand(count, generator=random), phrases)
        rows = torch.arange(count)
        names = tuple(f"frame {i}" for i in range(VIEWS))
        evidence = Sightings(rows, rows % VIEWS, boxes, rows, made.scores, names)
        return Instances3D(made.points, made.ends, made.scores, total, phrases, evidence)

    def superpoints() -> Superpoints:
        rows = torch.arange(len(_cloud(seed)))
        normals = torch.zeros(len(rows), 3)
        normals[:, 2] = 1
        pairs = torch.stack([rows[:-1], rows[1:]], dim=1)
        return Superpoints(rows // 40, len(rows) // 40 + 1, normals, pairs)

    def masks() -> ViewMasks:
        filled = torch.zeros(count, *SIZE, dtype=torch.bool)
        for mask, (left, top, right, bottom) in zip(filled, boxes.long().tolist(), strict=True):
            mask[top:bottom, left:right] = True
        return ViewMasks.from_masks(filled)

    return {
        Frames: _frames,
        PointCloud: lambda: _cloud(seed),
        Instances3D: instances,
        InstanceViews: lambda: InstanceViews(
            torch.randint(0, 50, (count, VIEWS), generator=random),
            boxes[:, None].repeat(1, VIEWS, 1),
        ),
        Superpoints: superpoints,
        ViewRegions: lambda: ViewRegions(
            views, boxes, torch.rand(count, generator=random), phrases
        ),
        ViewMasks: masks,
    }


@cache
def _cloud(seed: int) -> PointCloud:
    points = scenes.cloud(0.2 + 0.02 * (seed % 3))
    return PointCloud(
        torch.tensor(points, dtype=torch.float32), torch.tensor(scenes.texture(points))
    )


@cache
def _frames() -> Frames:
    folder = Path(_FILES.name)
    for i, pose in enumerate(scenes.POSES[:VIEWS]):
        depth, color = scenes.render(pose, K, SIZE)
        PIL.Image.fromarray(color).save(folder / f"{i}.png")
        np.save(folder / f"{i}.npy", depth.astype(np.float32))
    many = [str(folder / str(i)) for i in range(VIEWS)]
    k = torch.tensor(K, dtype=torch.float32).repeat(VIEWS, 1, 1)
    return Frames(
        names=tuple(f"frame {i}" for i in range(VIEWS)),
        poses=torch.tensor(np.array(scenes.POSES[:VIEWS]), dtype=torch.float32),
        color=tuple(f"{path}.png" for path in many),
        color_k=k,
        color_size=(SIZE,) * VIEWS,
        depth=tuple(f"{path}.npy" for path in many),
        depth_k=k,
        depth_size=(SIZE,) * VIEWS,
        depth_scale=1.0,
    )
