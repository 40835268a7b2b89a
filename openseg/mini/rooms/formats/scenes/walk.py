"""A room as all scene formats need it: its frames as they are drawn, and the mesh fused of them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scan import Scan, fuse
from openseg.mini.rooms.scene import Scene
from openseg.mini.rooms.splits import SPLITS

PER_LABEL = 1000
"""An object's number in truth files is label * 1000 + instance."""


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
        write_frame: Is given every frame with its number, in the order of the walk; none is kept.

    Returns:
        The room's mesh; every vertex belongs to a triangle.
    """

    def frames() -> Iterator[View]:
        for number, view in enumerate(renderer.walk(scene)):
            write_frame(number, view)
            yield view

    return _without_loose_vertices(fuse(scene, frames()))


def vertex_columns(scan: Scan, colours: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
    """Positions and colours as PLY files of both formats hold them."""
    positions = dict(zip("xyz", scan.points.T, strict=True))
    return positions | dict(zip(("red", "green", "blue"), colours.T, strict=True))


def _without_loose_vertices(scan: Scan) -> Scan:
    used = np.zeros(len(scan.points), dtype=bool)
    used[scan.faces] = True
    place = np.cumsum(used, dtype=np.int32) - 1
    return Scan(
        points=scan.points[used],
        colours=scan.colours[used],
        instances=scan.instances[used],
        parts=scan.parts[used],
        labels=scan.labels[used],
        faces=place[scan.faces].astype(np.int32),
    )
