"""From an object of a scene to its parts in world coordinates."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from openseg.mini.world.mesh import merge
from openseg.mini.world.scene import Thing
from openseg.mini.world.shapes import furniture, things
from openseg.mini.world.shapes.part import Part

_BUILDERS: dict[str, Callable[[float, float], list[Part]]] = {
    "chair": furniture.chair,
    "table": furniture.table,
    "couch": furniture.couch,
    "monitor": furniture.monitor,
    "lamp": furniture.lamp,
    "stool": furniture.stool,
    "book": things.book,
    "box": things.carton,
    "bottle": things.bottle,
    "bucket": things.bucket,
    "clock": things.clock,
    "cup": things.cup,
    "ball": things.ball,
    "hat": things.hat,
    "bowl": things.bowl,
    "potted plant": things.potted_plant,
}


def build(thing: Thing) -> list[Part]:
    """The parts of an object where it stands.

    Several entries may share a part's name: together they are that part.

    Args:
        thing: The object. Its longest side becomes `thing.size`; its base stands on
            `thing.position`.

    Returns:
        Its parts, meshes in metres in world coordinates.
    """
    parts = _BUILDERS[thing.category](*thing.shape)
    points = merge([part.mesh for part in parts]).points
    low, high = points.min(axis=0), points.max(axis=0)
    scale = thing.size / float(np.max(high - low))
    x, y, _ = (low + high) / 2
    return [
        replace(
            part,
            mesh=part.mesh.moved(-x, -y, -low[2])
            .scaled(scale, scale, scale)
            .turned("z", thing.yaw)
            .moved(*thing.position),
        )
        for part in parts
    ]
