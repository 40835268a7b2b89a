"""A scene as one picture: seen from above through its near walls, its objects drawn as in photos.

Which way is up is taken from the cameras, which people hold upright. The ceiling is cut off, as is
all above the highest camera and the walls between the viewer and the room; objects stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg.api.scenes.clear import clear_rows, owners
from openseg.api.scenes.room import ceiling, highest, near_walls, poses_of, upward
from openseg.io.drawing.faces import cover
from openseg.io.drawing.splat import Splat, splat
from openseg.types import Frames, Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from openseg.api.scenes.result import SceneResult
    from openseg.io.scenes.ply import Mesh

LONGEST = 1280
"""Pixels of the picture's longer side."""

FONT = 20
"""Height of the words in pixels: a scene has more objects than a photo."""

_ELEVATION, _AZIMUTH = np.radians(52), np.radians(28)
_MARGIN = 0.04
_ASKED = 400_000  # points whose neighbours are looked for
_FINENESS = 1.5  # pixels between the points that cover a mesh
_REACH = 0.75  # radius of their discs, as a share of that: half a square's diagonal and a little
_PAINT = 0.25  # share of white in the colours of what is no object


def draw_scene(result: SceneResult) -> Picture:
    """Draws a scene and the objects in it that are clear.

    Args:
        result: What a method found; it must have a cloud.

    Returns:
        Mode `RGB`, its longer side `LONGEST` pixels.
    """
    import torch

    from openseg.io.overlay import draw_overlay

    mesh, instances = result.mesh, result.instances
    cloud = mesh.cloud
    drawn = clear_rows(
        instances.scores.tolist(),
        result.class_ids,
        lambda row: instances.of(row).numpy(),
        len(cloud),
    )
    owner = owners([instances.of(row).numpy() for row in drawn], len(cloud))
    colors = cloud.colors.numpy(force=True)
    pale = colors + _PAINT * (255.0 - colors) * (owner < 0)[:, None]
    picture = draw_mesh(mesh, pale.astype(np.uint8), owner >= 0, result.frames)
    seen = np.where(picture.points >= 0, owner[picture.points], -1)
    masks = torch.from_numpy(seen[None] == np.arange(len(drawn))[:, None, None])
    visible = masks.flatten(1).any(dim=1).nonzero()[:, 0].tolist()
    rows = [drawn[place] for place in visible]
    classes = [result.class_ids[row] for row in rows]
    base = Image(torch.from_numpy(picture.colors).permute(2, 0, 1).contiguous(), "", result.id)
    return draw_overlay(
        base,
        masks[visible],
        [result.phrases[row] for row in rows],
        instances.scores[rows],
        classes=classes if len(set(result.class_ids)) > 1 else None,
        font=FONT,
    )


def draw_mesh(
    mesh: Mesh,
    colors: NDArray[np.uint8],
    objects: NDArray[np.bool_],
    frames: Frames | None,
    longest: int = LONGEST,
) -> Splat:
    """Draws a mesh or a cloud from above without its ceiling and its near walls.

    Args:
        mesh: What is drawn; it may be empty.
        colors: Of its vertices, uint8 `[n, 3]`.
        objects: Vertices that are drawn wherever they are, bool `[n]`.
        frames: The frames it was seen by; None if there are none.
        longest: Pixels of the picture's longer side.

    Returns:
        The picture and the vertex that each pixel shows.
    """
    positions = mesh.cloud.positions.numpy(force=True)
    vertex = np.arange(len(positions))
    if mesh.faces is None or not len(mesh.faces):
        apart = _spacing(positions)
    else:
        pixel = float(np.ptp(positions, axis=0).max()) / longest
        covered = cover(positions, colors, mesh.faces, _FINENESS * pixel)
        positions, colors, vertex, spacing = covered
        apart = np.full(len(positions), _REACH * spacing, dtype=np.float32)
    poses = poses_of(frames)
    up = upward(poses)
    view = _view(positions, objects[vertex], up, highest(poses, up), longest)
    radius = (view.scale * apart[view.shown]).astype(np.float32)
    drawn = splat(view.places, view.depth, colors[view.shown], view.size, radius)
    shown = vertex[view.shown]
    return Splat(drawn.colors, np.where(drawn.points >= 0, shown[drawn.points], -1))


def _spacing(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Metres from each point to its fourth neighbour: discs of that radius leave no holes.

    In large clouds, where it would take long, those of some points stand for all.
    """
    from scipy.spatial import cKDTree

    some = positions[:: -(-len(positions) // _ASKED)]
    near, _ = cKDTree(some).query(some, k=min(5, len(some)))
    spacing = np.atleast_2d(near)[:, -1].reshape(-1).astype(np.float32)
    if len(some) == len(positions):
        return spacing
    share = np.sqrt(len(some) / len(positions))  # of a surface, fewer points lie farther apart
    return np.full(len(positions), np.median(spacing) * share, dtype=np.float32)


class _View(NamedTuple):
    """What of a cloud is drawn, and where.

    Attributes:
        shown: Rows of the cloud, int64 `[m]`.
        places: float32 `[m, 2]` pixels.
        depth: float32 `[m]` metres from the viewer, up to a constant.
        size: Height and width of the picture.
        scale: Pixels a metre.
    """

    shown: NDArray[np.int64]
    places: NDArray[np.float32]
    depth: NDArray[np.float32]
    size: tuple[int, int]
    scale: float


def _view(
    positions: NDArray[np.float32],
    objects: NDArray[np.bool_],
    up: NDArray[np.float64],
    top: float,
    longest: int,
) -> _View:
    near = _towards_viewer(positions, up)
    right = np.cross(up, near)
    forward = -(np.cos(_ELEVATION) * near + np.sin(_ELEVATION) * up)
    down = np.cross(forward, right)
    axes = np.stack([right, down, forward, near, up], axis=1).astype(np.float32)
    across, line, depth, outward, height = (positions @ axes).T
    top = min(top, ceiling(np.stack([across, outward], axis=1), height))
    kept = objects | ((height < top) & ~near_walls(across, outward, height))
    shown = np.flatnonzero(kept) if kept.any() else np.arange(len(positions))
    flat = np.stack([across[shown], line[shown]], axis=1)
    low, high = np.percentile(flat, [0.05, 99.95], axis=0)
    extent = np.maximum(high - low, 1e-3) * (1 + 2 * _MARGIN)
    scale = longest / float(extent.max())
    size = (max(64, round(extent[1] * scale)), max(64, round(extent[0] * scale)))
    middle = np.array([size[1], size[0]]) / 2
    places = (middle + (flat - (low + high) / 2) * scale).astype(np.float32)
    return _View(shown, places, depth[shown], size, scale)


def _towards_viewer(positions: NDArray[np.float32], up: NDArray[np.float64]) -> NDArray[np.float64]:
    """The level direction from the scene to the viewer: across its longer side, a little turned."""
    level = positions - positions @ up[:, None] * up
    _, axes = np.linalg.eigh(np.cov(level.T) - 1e6 * np.outer(up, up))
    long = axes[:, -1] * (1 if axes[np.abs(axes[:, -1]).argmax(), -1] > 0 else -1)
    short = np.cross(long, up)
    near: NDArray[np.float64] = np.cos(_AZIMUTH) * short + np.sin(_AZIMUTH) * long
    return near
