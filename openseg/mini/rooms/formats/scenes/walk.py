"""A room as all scene formats need it: its frames as they are drawn, and the mesh fused of them.

Of the mesh only vertices are kept whose object the frames confirm. One on the line where two
objects meet falls on either's pixels; a label there would be right by chance.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scan import Scan, fuse
from openseg.mini.rooms.scene import Camera, Scene
from openseg.mini.rooms.splits import SPLITS

PER_LABEL = 1000
"""An object's number in truth files is label * 1000 + instance."""

_CONFIRMED = 0.8  # share of the frames that show a vertex
_WITHIN = 0.05  # metres; ScanNet's methods take the same for what a frame shows
_MILLIMETRES = 1000


def scene_name(order: Order, index: int) -> str:
    """The name of a room in ScanNet's form: its place in the split, and the split's number."""
    return f"scene{order.place(index):04d}_{SPLITS.index(order.known_split):02d}"


def walk_through(
    scene: Scene, renderer: Renderer, write_frame: Callable[[int, View], None]
) -> Scan:
    """Renders a room and fuses what was seen.

    Args:
        scene: The room.
        renderer: Draws its pictures.
        write_frame: Is given every frame with its number, in the order of the walk; no picture is
            kept.

    Returns:
        The room's mesh; every vertex belongs to a triangle.
    """
    kept: list[_Frame] = []

    def frames() -> Iterator[View]:
        for number, view in enumerate(renderer.walk(scene)):
            write_frame(number, view)
            stored = np.round(view.depth * _MILLIMETRES).astype(np.uint16)
            kept.append(_Frame(view.camera, stored, view.ids))
            yield view

    scan = fuse(scene, frames())
    confirmed = _confirmed(scan, kept)
    whole = confirmed[scan.faces].all(axis=1)
    return _with_faces(scan, scan.faces[whole])


def vertex_columns(scan: Scan, colours: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
    """Positions and colours as PLY files of both formats hold them."""
    positions = dict(zip("xyz", scan.points.T, strict=True))
    return positions | dict(zip(("red", "green", "blue"), colours.T, strict=True))


@dataclass(frozen=True)
class _Frame:
    camera: Camera
    depth: npt.NDArray[np.uint16]
    ids: npt.NDArray[np.uint16]


def _confirmed(scan: Scan, frames: list[_Frame]) -> npt.NDArray[np.bool_]:
    """Which vertices fall on pixels of their object in most frames that show them."""
    shown = np.zeros(len(scan.points), dtype=np.int32)
    right = np.zeros(len(scan.points), dtype=np.int32)
    points = scan.points.astype(np.float64)
    for frame in frames:
        pixels, far = frame.camera.project(points)
        at = np.round(pixels).astype(np.int64)
        height, width = frame.depth.shape
        inside = np.flatnonzero((far > 0) & np.all((at >= 0) & (at < [width, height]), axis=1))
        x, y = at[inside].T
        measured = frame.depth[y, x] / _MILLIMETRES
        there = np.abs(measured - far[inside]) < _WITHIN
        shown[inside] += there
        right[inside] += there & (frame.ids[y, x] == scan.instances[inside])
    return right >= _CONFIRMED * np.maximum(shown, 1)


def _with_faces(scan: Scan, faces: npt.NDArray[np.int32]) -> Scan:
    """A mesh with some of its triangles, and the vertices that they use."""
    used = np.zeros(len(scan.points), dtype=bool)
    used[faces] = True
    place = np.cumsum(used, dtype=np.int32) - 1
    columns = {one.name: getattr(scan, one.name) for one in fields(scan) if one.name != "faces"}
    return replace(scan, faces=place[faces], **{k: v[used] for k, v in columns.items()})
