"""From a thing of a scene to its parts: the table of builders, scaling and placing."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from openseg.mini.rooms.catalogue import category
from openseg.mini.rooms.scene import Thing, Vector
from openseg.mini.rooms.shapes import devices, goods, seats, storage, tall, vessels, wall
from openseg.mini.rooms.shapes.mesh import merge
from openseg.mini.rooms.shapes.part import Part, Shape

BUILDERS: dict[str, Callable[[float, float], Shape]] = {
    "chair": seats.chair,
    "office chair": seats.office_chair,
    "armchair": seats.armchair,
    "couch": seats.couch,
    "stool": seats.stool,
    "bench": seats.bench,
    "bed": seats.bed,
    "pillow": seats.pillow,
    "table": storage.table,
    "desk": storage.desk,
    "nightstand": storage.nightstand,
    "dresser": storage.dresser,
    "cabinet": storage.cabinet,
    "refrigerator": storage.refrigerator,
    "bookshelf": storage.bookshelf,
    "shelf": storage.shelf,
    "monitor": devices.monitor,
    "laptop": devices.laptop,
    "keyboard": devices.keyboard,
    "mouse": devices.mouse,
    "microwave": devices.microwave,
    "toaster": devices.toaster,
    "speaker": devices.speaker,
    "headphones": devices.headphones,
    "fan": devices.fan,
    "lamp": devices.lamp,
    "cup": vessels.cup,
    "bottle": vessels.bottle,
    "bowl": vessels.bowl,
    "plate": vessels.plate,
    "water pitcher": vessels.water_pitcher,
    "tray": vessels.tray,
    "bucket": vessels.bucket,
    "basket": vessels.basket,
    "trash can": vessels.trash_can,
    "candle": vessels.candle,
    "potted plant": vessels.potted_plant,
    "book": goods.book,
    "box": goods.carton,
    "tissue box": goods.tissue_box,
    "hat": goods.hat,
    "ball": goods.ball,
    "backpack": goods.backpack,
    "suitcase": goods.suitcase,
    "crate": goods.crate,
    "stuffed animal": goods.stuffed_animal,
    "dumbbell": goods.dumbbell,
    "guitar": tall.guitar,
    "ladder": tall.ladder,
    "broom": tall.broom,
    "fire extinguisher": tall.fire_extinguisher,
    "picture": wall.picture,
    "mirror": wall.mirror,
    "whiteboard": wall.whiteboard,
    "clock": wall.clock,
    "light switch": wall.light_switch,
    "sign": wall.sign,
    "calendar": wall.calendar,
    "radiator": wall.radiator,
    "door": wall.door,
    "window": wall.window,
}
"""A builder for every category."""


@lru_cache(maxsize=256)
def _natural(name: str, shape: tuple[float, float]) -> tuple[Shape, float]:
    """A shape in its own axes before scaling, and its longest side."""
    made = BUILDERS[name](*shape)
    points = merge([part.mesh for part in made.parts]).points
    low, high = points.min(axis=0), points.max(axis=0)
    x, y = (float(v) for v in (low + high)[:2] / 2)
    if category(name).places == ("wall",):
        x = float(low[0])  # the back stays on the wall
    z = float(low[2])
    parts = [replace(part, mesh=part.mesh.moved(-x, -y, -z)) for part in made.parts]
    tops = tuple(replace(top, x=top.x - x, y=top.y - y, z=top.z - z) for top in made.tops)
    return Shape(parts, tops), float(np.max(high - low))


def shape_of(name: str, shape: tuple[float, float], size: float) -> Shape:
    """A category's shape in its own axes.

    Args:
        name: Category name.
        shape: Two proportions in [0, 1].
        size: Its longest side in metres.

    Returns:
        Parts and tops in metres: the base on z = 0, centred over the origin; the back of a thing
        on a wall on x = 0.
    """
    made, longest = _natural(name, shape)
    factor = size / longest
    parts = [replace(part, mesh=part.mesh.scaled(factor)) for part in made.parts]
    return Shape(parts, tuple(top.scaled(factor) for top in made.tops))


def natural_size(name: str, shape: tuple[float, float]) -> float:
    """The longest side that a shape has before scaling, in metres: how large it looks."""
    return _natural(name, shape)[1]


def extent_of(name: str, shape: tuple[float, float], size: float) -> Vector:
    """Full lengths of a shape along its own axes: depth, width and height in metres."""
    made, longest = _natural(name, shape)
    points = merge([part.mesh for part in made.parts]).points
    x, y, z = (float(v) for v in np.ptp(points, axis=0) * size / longest)
    return x, y, z


def build(thing: Thing) -> list[Part]:
    """The parts of a thing where it stands, in world coordinates.

    Several entries may share a part's name: together they are that part.
    """
    made = shape_of(thing.category, thing.shape, thing.size)
    x, y, z = thing.position
    return [
        replace(part, mesh=part.mesh.turned("z", thing.yaw).moved(x, y, z)) for part in made.parts
    ]
