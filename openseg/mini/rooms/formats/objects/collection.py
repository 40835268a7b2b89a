"""The objects of a data set, each a particular thing to be known again, and tables with some.

An object is told from others of its category by colour, material and proportions; other things of
the same categories stand between them.
"""

from dataclasses import replace

import numpy as np

from openseg.mini.rooms.catalogue import CATEGORIES, category
from openseg.mini.rooms.layout.drawing import Drawer
from openseg.mini.rooms.layout.placing import Placing
from openseg.mini.rooms.layout.surroundings import make_surroundings, still_light
from openseg.mini.rooms.scene import Camera, Light, Room, Scene, Thing, Vector
from openseg.mini.rooms.shapes.mesh import Floats
from openseg.mini.rooms.solids import thing_mesh
from openseg.mini.rooms.splits import split_of

OBJECTS = 30
"""How many objects there are; some categories have two."""

VIEWS = 6
"""Pictures of each table."""

WIDTH, HEIGHT = 320, 240
"""Size of the pictures in pixels."""

RINGS: tuple[tuple[float, int], ...] = ((8.0, 8), (32.0, 8), (58.0, 8))
"""Elevations in degrees, and how many templates are rendered around an object at each."""

_STREAM_OBJECTS, _STREAM_TABLE = 4, 5  # of a seed's chance
_LONGEST = 0.45
_FOV, _FILL = 42.0, 0.9
_ROOM: Vector = (9.0, 9.0, 3.2)
_TABLES = ("table", "desk", "dresser")
_FEWEST, _MOST = 6, 11
_KNOWN = 0.75  # share of things on a table that are objects


def draw_objects(seed: int) -> tuple[Thing, ...]:
    """The objects of a data set, at the origin, ids from 1.

    Args:
        seed: A seed from `scene_seed`; its split decides which colour-category pairs may appear.
    """
    rng = np.random.default_rng([seed, _STREAM_OBJECTS])
    drawer = Drawer(rng, split_of(seed) == "test_unseen")
    names = [c.name for c in CATEGORIES if "top" in c.places and c.size[0] < _LONGEST]
    names += [names[k] for k in rng.permutation(len(names))[: OBJECTS - len(names)]]
    things = []
    for id_, name in enumerate(names, start=1):
        low, high = category(name).size
        most = min(1.0, (_LONGEST - low) / (high - low))
        things.append(replace(drawer.draw(name, (0.0, most)), id=id_))
    return tuple(things)


def object_of(thing: Thing, objects: tuple[Thing, ...]) -> int | None:
    """The id of the object that a thing in a scene is; None if it is another thing."""
    home = replace(thing, position=(0.0, 0.0, 0.0), yaw=0.0, support="floor")
    return next((one.id for one in objects if replace(home, id=one.id) == one), None)


class _Collector(Drawer):
    """Draws an object of a category where one is left, now and then another thing."""

    def __init__(self, rng: np.random.Generator, unseen: bool, objects: tuple[Thing, ...]) -> None:
        super().__init__(rng, unseen)
        self._chance = rng
        self._objects = objects
        self._left = list(objects)

    def draw(self, name: str, size: tuple[float, float] = (0.0, 1.0)) -> Thing:
        """An object that is left, or another thing; see `Drawer.draw`."""
        mine = [one for one in self._left if one.category == name]
        if mine and self._chance.random() < _KNOWN:
            self._left.remove(mine[0])
            return mine[0]
        return super().draw(name, size)

    def forget(self, thing: Thing) -> None:
        """Takes back a thing that found no place; an object is not tried again."""
        if object_of(thing, self._objects) is None:
            super().forget(thing)


def make_table(seed: int, objects: tuple[Thing, ...]) -> Scene:
    """A table with some of the objects and other things, seen from several sides.

    Args:
        seed: A seed from `scene_seed`; its split decides which colour-category pairs may appear.
        objects: The objects.
    """
    rng = np.random.default_rng([seed, _STREAM_TABLE])
    while True:
        drawer = _Collector(rng, split_of(seed) == "test_unseen", objects)
        placing = Placing(rng, drawer, _ROOM, walls=(0, 1))
        table = placing.at_wall(_TABLES[rng.integers(len(_TABLES))], (0.25, 0.4), 0)
        if table is None:
            continue
        for k in rng.permutation(len(objects))[: rng.integers(_FEWEST + 1, _MOST + 1)]:
            placing.on_top(objects[k].category, table)
        if len(placing.things) > _FEWEST:
            break
    things = tuple(placing.things)
    points = np.concatenate([thing_mesh(thing).points for thing in things[1:]])
    azimuths = np.linspace(-50, 50, VIEWS) + rng.uniform(-6, 6, VIEWS)
    lifts = rng.uniform(20, 58, VIEWS)
    cameras = tuple(
        fitting_camera(points, float(azimuth), float(lift))
        for azimuth, lift in zip(azimuths, lifts, strict=True)
    )
    room = make_surroundings(rng, "tabletop", _ROOM, (0, 1), len(things) + 1)
    # Its lamp lights what a camera sees; a wide one sees as much as all of them.
    wide = replace(cameras[VIEWS // 2], focal=cameras[0].focal / 2.5)
    light = still_light(rng, wide, _ROOM, 20.0)
    return Scene(seed, "still", room, things, cameras, light)


def make_template(thing: Thing, seed: int) -> Scene:
    """An object alone in the dark, with its templates' cameras around it."""
    alone = replace(thing, id=1)
    points = thing_mesh(alone).points
    cameras = tuple(
        fitting_camera(points, 360 * k / count, lift) for lift, count in RINGS for k in range(count)
    )
    lamp = np.array([3.0, 2.0, 6.0])
    cone = float(np.degrees(np.arctan(thing.size / np.linalg.norm(lamp))))
    x, y, z = lamp.tolist()
    light = Light(
        (x, y, z), alone.middle, cone, 0.6, (1.0, 0.98, 0.96), (-3.0, -4.0, 3.0), 0.4, 0.45
    )
    room = Room("tabletop", _ROOM, (), (255, 255, 255))
    return Scene(seed, "still", room, (alone,), cameras, light)


def fitting_camera(points: Floats, azimuth: float, lift: float) -> Camera:
    """The camera at angles in degrees around some points that has all of them in its picture."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    turn, up = np.radians(azimuth), np.radians(lift)
    towards = np.array([np.cos(turn) * np.cos(up), np.sin(turn) * np.cos(up), np.sin(up)])
    focal = HEIGHT / (2 * np.tan(np.radians(_FOV / 2)))
    tx, ty, tz = (round(float(v), 4) for v in middle)
    axes = Camera((tx + towards[0], ty + towards[1], tz + towards[2]), (tx, ty, tz), 1, 2, 2).pose
    local = (points - middle) @ axes[:3, :3]
    half = _FILL * np.array([WIDTH, HEIGHT]) / (2 * focal)
    distance = float(np.max((np.abs(local[:, :2]) / half).max(axis=1) - local[:, 2]))
    x, y, z = (round(float(v), 4) for v in middle + distance * towards)
    return Camera((x, y, z), (tx, ty, tz), round(float(focal), 3), WIDTH, HEIGHT)
