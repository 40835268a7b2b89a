"""What stands where in a still: a subject of a given category, and company that suits it.

Every category is the subject equally often, so that rare ones are learned as well.
"""

import numpy as np

from openseg.mini.rooms.layout.furnish import EYE_LEVEL, HANGING
from openseg.mini.rooms.layout.placing import Placing, tops_of
from openseg.mini.rooms.scene import StillLayout, Thing
from openseg.mini.rooms.vocabulary import Category

_WALL = 9.0  # length of a still's walls

_CARRIERS = ("table", "desk", "dresser", "nightstand", "cabinet")
_TABLE_THEMES: tuple[tuple[str, ...], ...] = (
    ("monitor", "keyboard", "mouse", "laptop", "book", "cup", "lamp", "headphones", "speaker",
     "tissue box", "bottle"),
    ("plate", "bowl", "cup", "bottle", "water pitcher", "toaster", "microwave", "tray", "candle",
     "plate", "bowl"),
    ("book", "box", "hat", "ball", "stuffed animal", "potted plant", "lamp", "fan", "basket",
     "candle", "headphones", "speaker", "tray", "mouse"),
)  # fmt: skip
_WIDE = ("couch", "bed", "table", "desk", "dresser", "bench", "armchair", "chair", "office chair",
         "nightstand", "stool", "cabinet", "bookshelf", "refrigerator", "ladder", "guitar",
         "broom", "lamp")  # fmt: skip
_LOW = ("stool", "nightstand", "chair", "bench", "office chair", "armchair")
_GOODS = ("backpack", "suitcase", "trash can", "basket", "bucket", "crate", "box", "ball", "fan",
          "potted plant", "fire extinguisher", "stuffed animal", "dumbbell")  # fmt: skip
_BIG_WALL = ("picture", "mirror", "whiteboard", "radiator", "window", "door", "shelf")
_SMALL_WALL = ("picture", "clock", "sign", "calendar", "mirror", "radiator")
_ABOVE_TABLE = ("picture", "clock", "calendar", "sign", "light switch", "shelf")
_ON = {
    "seat": ("pillow", "book", "hat", "stuffed animal", "backpack"),
    "top": ("lamp", "box", "hat", "speaker", "fan", "basket", "monitor", "laptop", "microwave"),
    "shelf": ("book", "bottle", "speaker", "tissue box", "bowl", "cup"),
}
_ON_TRAY = ("cup", "bowl", "bottle", "candle")


def arrange(placing: Placing, subject: Category) -> tuple[StillLayout, float]:
    """Fills a still.

    Args:
        placing: The empty corner of a room, walls at x = 0 and y = 0.
        subject: The category that must be there.

    Returns:
        The kind of still, and where the camera should be, in degrees around the things.
    """
    on_top = "top" in subject.places
    on_floor = "floor" in subject.places
    carries = subject.name in _CARRIERS and placing.rng.random() < 0.4
    small_wall = subject.name in _ABOVE_TABLE and placing.rng.random() < 0.5
    if carries or small_wall or (on_top and (not on_floor or placing.rng.random() < 0.5)):
        return "tabletop", _table(placing, subject)
    return "corner", _corner(placing, subject)


def _table(placing: Placing, subject: Category) -> float:
    """Puts things on a piece of furniture at a wall; returns where the camera should be."""
    rng, pick = placing.rng, placing.drawer.pick
    wall = int(rng.integers(2))
    azimuth = float(np.clip(90 * wall + rng.uniform(-55, 55), 10, 80))
    name = subject.name if subject.name in _CARRIERS else pick(_CARRIERS)
    carrier = placing.at_wall(name, (0.05, 0.2), wall)
    if carrier is None:
        return azimuth
    long = max(max(top.depth, top.width) for top in tops_of(carrier))
    share = min(1.0, float(rng.uniform(0.55, 1.0)) * 1.1 / long)
    if "top" in subject.places:
        _put(placing, subject.name, carrier, share)
    if "wall" in subject.places or rng.random() < 0.25:
        named = subject.name if "wall" in subject.places else pick(_ABOVE_TABLE)
        high = carrier.position[2] + carrier.extent[2]
        middle = carrier.position[1 - wall] / _WALL
        around = (middle - 0.05, middle + 0.05)
        placing.on_wall(named, high + 0.2, high + 0.5, around, wall)
    fitting = [theme for theme in _TABLE_THEMES if subject.name in theme]
    themes = fitting or list(_TABLE_THEMES)
    theme = themes[rng.integers(len(themes))]
    for _ in range(int(rng.integers(2, 9))):
        _put(placing, pick(theme), carrier, share)
    return azimuth


def _put(placing: Placing, name: str, carrier: Thing, share: float) -> None:
    """Puts a thing on another; a tray often carries something itself."""
    made = placing.on_top(name, carrier, share)
    if made is not None and made.category == "tray" and placing.rng.random() < 0.8:
        placing.on_top(placing.drawer.pick(_ON_TRAY), made)


def _corner(placing: Placing, subject: Category) -> float:
    """Puts furniture and goods into the corner; returns where the camera should be."""
    rng, pick = placing.rng, placing.drawer.pick
    azimuth = float(rng.uniform(12, 78))
    wide = subject.size[1] > 1.25 or rng.random() < 0.35
    reach = float(rng.uniform(1.6, 2.4) if wide else rng.uniform(0.9, 1.4))
    share = (0.0, reach / _WALL)
    area = (0.05, 0.05, reach, reach)
    turn = (azimuth - 75, azimuth + 75)
    furniture = _WIDE if wide else _LOW
    first = pick(furniture)
    if subject.name in _WIDE:
        first = subject.name
    elif subject.places == ("seat",):
        first = pick(("couch", "bed", "armchair"))
    made = placing.at_wall(first, share)
    if made is not None and subject.places == ("seat",):
        placing.on_top(subject.name, made)
    if "wall" in subject.places:
        _hang(placing, subject.name, wide, share)
    elif "floor" in subject.places and first != subject.name:
        placing.on_floor(subject.name, area, turn)
    others = [placing.at_wall(pick(furniture), share) for _ in range(rng.integers(0, 3))]
    for carrier in (made, *others):
        _set_out(placing, carrier)
    for _ in range(int(rng.integers(0, 3))):
        _hang(placing, pick(_BIG_WALL if wide else _SMALL_WALL), wide, share)
    for _ in range(int(rng.integers(1, 6))):
        placing.on_floor(pick((*_GOODS, "chair", "stool") if wide else _GOODS), area, turn)
    return azimuth


def _set_out(placing: Placing, carrier: Thing | None) -> None:
    """Puts up to three things on a piece of furniture that found its place."""
    if carrier is None:
        return
    for place in sorted({top.place for top in tops_of(carrier)}):
        if placing.rng.random() < 0.7:
            for _ in range(int(placing.rng.integers(1, 4))):
                placing.on_top(placing.drawer.pick(_ON[place]), carrier)


def _hang(placing: Placing, name: str, wide: bool, share: tuple[float, float]) -> None:
    """Hangs a thing; in a near view lower than usual, nearer to what stands on the floor."""
    low, high = HANGING.get(name, EYE_LEVEL)
    drop = 0.0 if wide or name in {"radiator", "door"} else 0.5
    placing.on_wall(name, low - drop, high - drop, share)
