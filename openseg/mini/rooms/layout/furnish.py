"""What stands where in each family of rooms: furniture in groups, then goods, then small things."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from openseg.mini.rooms.held_out import Layout
from openseg.mini.rooms.layout.placing import Placing, tops_of
from openseg.mini.rooms.scene import Thing

Range = tuple[float, float]


@dataclass(frozen=True)
class Plan:
    """A family of rooms.

    Attributes:
        x: Shortest and longest length.
        y: Shortest and longest width.
        furnish: Puts the furniture that makes the family.
        goods: What may stand on the floor.
        walls: What may hang on the walls.
        tops: What may stand on table-like tops.
    """

    x: Range
    y: Range
    furnish: Callable[[Placing], None]
    goods: tuple[str, ...]
    walls: tuple[str, ...]
    tops: tuple[str, ...]


def _some(placing: Placing, low: int, high: int) -> range:
    return range(int(placing.rng.integers(low, high + 1)))


def _bed_group(p: Placing) -> None:
    bed = p.at_wall("bed", (0.2, 0.8))
    if bed is None:
        return
    for side in (-1, 1):
        if p.rng.random() < 0.75:
            p.beside("nightstand", bed, side)
    for _ in _some(p, 1, 2):
        p.on_top("pillow", bed)
    if p.rng.random() < 0.4:
        p.facing("bench", bed, 0, (0.05, 0.2), 90)


def _couch_group(p: Placing) -> None:
    couch = p.at_wall("couch", (0.2, 0.8))
    if couch is None:
        return
    table = p.facing("table", couch, 0, (0.4, 0.6), 0)
    for _ in _some(p, 1, 2):
        p.on_top("pillow", couch)
    if table is not None:
        for turn in (90, 270, 0):
            if p.rng.random() < 0.55:
                p.facing(p.drawer.pick(("armchair", "stool", "chair")), table, turn, (0.2, 0.5))
    if p.rng.random() < 0.6:
        p.beside(p.drawer.pick(("nightstand", "lamp", "potted plant")), couch, 1, 0.08)


def _desk_group(p: Placing) -> None:
    desk = p.at_wall("desk")
    if desk is None:
        return
    p.facing(p.drawer.pick(("office chair", "office chair", "chair")), desk, 0)
    wanted = ("monitor", "keyboard", "mouse") if p.rng.random() < 0.7 else ("laptop", "mouse")
    for name in wanted:
        p.on_top(name, desk)


def _table_group(p: Placing) -> None:
    x, y, _ = p.size
    area = (0.35 * x, 0.35 * y, 0.65 * x, 0.65 * y)
    table = p.on_floor("table", area, (-4, 4) if p.rng.random() < 0.5 else (86, 94))
    if table is None:
        return
    for turn in (0, 90, 180, 270):
        if p.rng.random() < 0.75:
            p.facing(p.drawer.pick(("chair", "chair", "stool")), table, turn, (0.03, 0.3))
    for _ in _some(p, 2, 4):
        p.on_top(p.drawer.pick(("plate", "bowl", "cup", "water pitcher", "tray")), table)


def _storage(p: Placing, names: Sequence[str], low: int, high: int) -> None:
    for _ in _some(p, low, high):
        p.at_wall(p.drawer.pick(names))


def _bedroom(p: Placing) -> None:
    _bed_group(p)
    _storage(p, ("dresser", "cabinet", "bookshelf", "armchair", "chair"), 2, 4)


def _living_room(p: Placing) -> None:
    _couch_group(p)
    _storage(p, ("bookshelf", "cabinet", "dresser", "armchair", "bench"), 2, 4)


def _office(p: Placing) -> None:
    for _ in _some(p, 1, 3):
        _desk_group(p)
    _storage(p, ("bookshelf", "cabinet", "bookshelf", "table"), 1, 3)


def _dining_room(p: Placing) -> None:
    _table_group(p)
    _storage(p, ("cabinet", "refrigerator", "dresser", "bench", "cabinet"), 2, 4)


def _store_room(p: Placing) -> None:
    _storage(p, ("bookshelf", "cabinet", "bookshelf", "refrigerator"), 2, 4)
    _storage(p, ("ladder", "broom", "bench", "stool", "guitar", "table"), 2, 4)


def _studio(p: Placing) -> None:
    _bed_group(p)
    _couch_group(p)
    _desk_group(p)
    _storage(p, ("refrigerator", "cabinet", "bookshelf", "dresser"), 1, 2)


def _hall(p: Placing) -> None:
    _storage(p, ("bench", "cabinet", "dresser", "bookshelf", "stool", "chair"), 4, 6)


PLANS: dict[Layout, Plan] = {
    "bedroom": Plan(
        (3.5, 4.4), (3.1, 4.1), _bedroom,
        ("basket", "backpack", "lamp", "stuffed animal", "ball", "guitar", "suitcase", "stool",
         "dumbbell", "fan", "potted plant"),
        ("picture", "mirror", "clock", "radiator", "shelf", "calendar"),
        ("lamp", "book", "candle", "hat", "tissue box", "bottle", "headphones", "stuffed animal"),
    ),
    "living room": Plan(
        (4.0, 5.2), (3.6, 4.5), _living_room,
        ("lamp", "potted plant", "basket", "ball", "guitar", "speaker", "fan", "stool", "box"),
        ("picture", "mirror", "clock", "radiator", "shelf"),
        ("book", "cup", "bowl", "candle", "tray", "potted plant", "lamp", "speaker", "bottle"),
    ),
    "office": Plan(
        (3.6, 4.8), (3.2, 4.3), _office,
        ("trash can", "backpack", "box", "potted plant", "fan", "lamp", "suitcase", "stool",
         "fire extinguisher", "crate"),
        ("whiteboard", "calendar", "clock", "radiator", "picture", "sign", "shelf"),
        ("book", "cup", "lamp", "headphones", "speaker", "tissue box", "bottle", "potted plant",
         "laptop"),
    ),
    "dining room": Plan(
        (3.6, 4.7), (3.4, 4.3), _dining_room,
        ("trash can", "basket", "bucket", "broom", "potted plant", "crate", "stool", "lamp"),
        ("picture", "clock", "calendar", "radiator", "shelf", "sign"),
        ("toaster", "microwave", "bowl", "plate", "cup", "water pitcher", "bottle", "tray",
         "candle", "tissue box", "potted plant"),
    ),
    "store room": Plan(
        (2.9, 3.9), (2.7, 3.7), _store_room,
        ("box", "crate", "bucket", "broom", "fire extinguisher", "suitcase", "trash can", "ball",
         "dumbbell", "basket", "fan", "ladder", "guitar", "speaker"),
        ("sign", "clock", "shelf", "radiator", "calendar"),
        ("box", "basket", "speaker", "hat", "toaster", "fan", "book", "bottle", "microwave"),
    ),
    "studio": Plan(
        (4.8, 6.0), (4.0, 5.0), _studio,
        ("lamp", "potted plant", "backpack", "basket", "guitar", "trash can", "ball", "fan"),
        ("picture", "mirror", "clock", "radiator", "shelf", "calendar", "whiteboard"),
        ("book", "cup", "lamp", "bottle", "toaster", "candle", "headphones", "bowl"),
    ),
    "hall": Plan(
        (5.5, 7.5), (2.1, 2.7), _hall,
        ("suitcase", "backpack", "bucket", "broom", "potted plant", "box", "ball",
         "fire extinguisher", "trash can", "ladder"),
        ("mirror", "picture", "sign", "radiator", "shelf", "clock", "calendar"),
        ("hat", "book", "lamp", "tissue box", "potted plant", "bottle", "basket", "candle"),
    ),
}  # fmt: skip
"""All families of rooms."""

_ON_SEAT = ("book", "hat", "stuffed animal", "pillow", "backpack")
_ON_SHELF = ("book", "book", "bottle", "cup", "bowl", "speaker", "tissue box", "candle",
             "potted plant")  # fmt: skip
HANGING: dict[str, Range] = {
    "door": (0.0, 0.0),
    "radiator": (0.4, 0.45),
    "window": (1.45, 1.6),
    "light switch": (1.05, 1.2),
}
"""Heights of the middles of things on walls; others hang at eye level."""

EYE_LEVEL: Range = (1.3, 1.75)
"""Height of the middle of what hangs on a wall to be looked at."""


def hang(placing: Placing, names: Sequence[str], count: int) -> None:
    """Hangs things on the walls, each at its usual height."""
    for _ in range(count):
        name = placing.drawer.pick(names)
        placing.on_wall(name, *HANGING.get(name, EYE_LEVEL))


def scatter(placing: Placing, names: Sequence[str], count: int, most: int) -> None:
    """Puts goods on the floor, most of them near a wall, until there are `most` things."""
    for _ in range(count):
        if len(placing.things) >= most:
            return
        name = placing.drawer.pick(names)
        if placing.rng.random() < 0.6:
            placing.at_wall(name)
        else:
            placing.on_floor(name)


def set_out(placing: Placing, names: Sequence[str], most: int) -> None:
    """Puts small things on all that carries, until there are `most` things."""
    carriers = [thing for thing in placing.things if tops_of(thing)]
    for k in placing.rng.permutation(len(carriers)):
        _set_out_on(placing, carriers[k], names, most)


def _set_out_on(placing: Placing, carrier: Thing, names: Sequence[str], most: int) -> None:
    place = tops_of(carrier)[0].place
    pool = {"top": names, "seat": _ON_SEAT, "shelf": _ON_SHELF}[place]
    mean = {"top": 2.6, "seat": 0.6, "shelf": 4.0}[place]
    for _ in range(int(np.minimum(placing.rng.poisson(mean), 6))):
        if len(placing.things) >= most:
            return
        placing.on_top(placing.drawer.pick(pool), carrier)
