"""A still: a few things close up, on a piece of furniture or in the corner of a room."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from openseg.mini.rooms.held_out import held_out
from openseg.mini.rooms.layout.drawing import Drawer
from openseg.mini.rooms.layout.placing import Placing, tops_of
from openseg.mini.rooms.layout.surroundings import make_surroundings, still_light
from openseg.mini.rooms.layout.visibility import clouds_of, estimate
from openseg.mini.rooms.scene import Camera, Scene, StillLayout, Thing, Vector
from openseg.mini.rooms.shapes.mesh import Floats
from openseg.mini.rooms.splits import split_of

SIDE = 256
"""Side of a still's picture in pixels."""

_SHARE, _SIDE, _CARRIER_SHARE = 0.5, 12 / SIDE, 0.2
_LONG = 24 / SIDE
_FEWEST, _MOST = 3, 9
_SIZE: Vector = (9.0, 9.0, 3.2)

_CARRIERS = ("table", "desk", "dresser", "nightstand", "cabinet")
_TABLE_THEMES: tuple[tuple[str, ...], ...] = (
    ("monitor", "keyboard", "mouse", "laptop", "book", "cup", "lamp", "headphones", "speaker",
     "tissue box", "bottle", "potted plant"),
    ("plate", "bowl", "cup", "bottle", "water pitcher", "toaster", "microwave", "tray", "candle",
     "tissue box", "potted plant"),
    ("book", "box", "hat", "ball", "stuffed animal", "potted plant", "lamp", "fan", "basket",
     "candle", "headphones", "speaker", "tray", "mouse"),
)  # fmt: skip
_TALL_FURNITURE = ("cabinet", "bookshelf", "refrigerator", "ladder", "guitar", "broom", "lamp")
_WIDE_FURNITURE = ("couch", "bed", "table", "desk", "dresser", "bench", "armchair", "chair",
                   "office chair", "nightstand", "stool", "chair", "stool")  # fmt: skip
_LOW_FURNITURE = ("stool", "nightstand", "chair", "bench", "office chair", "armchair")
_GOODS = ("backpack", "suitcase", "trash can", "basket", "bucket", "crate", "box", "ball", "fan",
          "potted plant", "speaker", "fire extinguisher", "stuffed animal", "dumbbell")  # fmt: skip
_BIG_WALL = ("picture", "mirror", "whiteboard", "radiator", "window", "door", "shelf")
_SMALL_WALL = ("picture", "clock", "sign", "calendar", "light switch", "mirror", "radiator")
_ON_SEAT = ("pillow", "book", "hat", "stuffed animal", "backpack")
_ON_TOP = ("lamp", "potted plant", "box", "stuffed animal", "speaker", "fan", "basket", "monitor")
_ON_SHELF = ("book", "bottle", "speaker", "tissue box", "potted plant", "bowl")


def make_still(seed: int) -> Scene:
    """Makes the still of a seed.

    Three to nine things, all in the picture, large and visible enough to be asked for; only the
    furniture that carries others may be cut off by the picture's edge.

    Args:
        seed: A seed from `scene_seed`; its split decides which colour-category pairs may appear.

    Returns:
        The scene with one camera. The same seed always gives the same scene.

    Raises:
        ValueError: If the seed belongs to no split.
    """
    unseen = split_of(seed) == "test_unseen"
    rng = np.random.default_rng([seed, 0])
    while True:  # about one try in five is too crowded
        layout: StillLayout = "tabletop" if rng.random() < 0.55 else "corner"
        azimuth = float(rng.uniform(12, 78))
        placing = Placing(rng, Drawer(rng, unseen), _SIZE, walls=(0, 1))
        if layout == "tabletop":
            azimuth = _fill_table(placing, azimuth)
        else:
            _fill_corner(placing, azimuth)
        found = _see(rng, placing.things, azimuth, layout)
        if found is None:
            continue
        things, camera = found
        if unseen and not any(held_out(t.colour, t.category) for t in things):
            continue
        room = make_surroundings(rng, layout, _SIZE, (0, 1), len(things) + 1)
        light = still_light(rng, camera, _SIZE, azimuth)
        return Scene(seed, "still", room, things, (camera,), light)


def _fill_table(placing: Placing, azimuth: float) -> float:
    """Puts things on a piece of furniture; returns where the camera should be."""
    rng = placing.rng
    wall = int(rng.integers(2))
    carrier = placing.at_wall(placing.drawer.pick(_CARRIERS), (0.05, 0.2), wall)
    if carrier is None:
        return azimuth
    theme = _TABLE_THEMES[rng.integers(len(_TABLE_THEMES))]
    if rng.random() < 0.25:
        theme = tuple(sorted({name for names in _TABLE_THEMES for name in names}))
    long = max(max(top.depth, top.width) for top in tops_of(carrier))
    share = min(1.0, float(rng.uniform(0.55, 1.0)) * 1.1 / long)
    for _ in range(int(rng.integers(3, 10))):
        made = placing.on_top(placing.drawer.pick(theme), carrier, share)
        if made is not None and made.category == "tray" and rng.random() < 0.8:
            placing.on_top(placing.drawer.pick(("cup", "bowl", "bottle", "candle")), made)
    if rng.random() < 0.3:
        high = carrier.position[2] + carrier.extent[2]
        placing.on_wall(
            placing.drawer.pick(("picture", "clock", "calendar", "sign")),
            high + 0.3, high + 0.5, (0.05, 0.2),
        )  # fmt: skip
    front = 0.0 if wall == 0 else 90.0
    return float(np.clip(front + rng.uniform(-55, 55), 10, 80))


def _fill_corner(placing: Placing, azimuth: float) -> None:
    """Puts furniture and goods into the corner."""
    rng, pick = placing.rng, placing.drawer.pick
    wide = rng.random() < 0.5
    reach = float(rng.uniform(1.5, 2.3) if wide else rng.uniform(0.9, 1.4))
    share = (0.0, reach / _SIZE[0])
    area = (0.05, 0.05, reach, reach)
    turn = (azimuth - 75, azimuth + 75)
    furniture = _WIDE_FURNITURE + _TALL_FURNITURE if wide else _LOW_FURNITURE
    for _ in range(int(rng.integers(1, 4 if wide else 3))):
        made = placing.at_wall(pick(furniture), share)
        if made is None:
            continue
        places = {top.place for top in tops_of(made)}
        for place, names in (("seat", _ON_SEAT), ("top", _ON_TOP), ("shelf", _ON_SHELF)):
            if place in places and rng.random() < 0.7:
                for _ in range(int(rng.integers(1, 4))):
                    placing.on_top(pick(names), made)
    for _ in range(int(rng.integers(0, 3))):
        placing.on_wall(pick(_BIG_WALL if wide else _SMALL_WALL), *_wall_height(wide), share)
    for _ in range(int(rng.integers(2, 7))):
        placing.on_floor(pick((*_GOODS, "lamp", "chair", "stool") if wide else _GOODS), area, turn)


def _wall_height(wide: bool) -> tuple[float, float]:
    return (1.3, 1.8) if wide else (0.6, 1.2)


def _see(
    rng: np.random.Generator, things: list[Thing], azimuth: float, layout: StillLayout
) -> tuple[tuple[Thing, ...], Camera] | None:
    """A camera, and the things that it sees well enough; None if they are too few."""
    if len(things) < _FEWEST:
        return None
    clouds = clouds_of(things, 700, rng)
    lift = float(rng.uniform(18, 50) if layout == "tabletop" else rng.uniform(14, 38))
    fov, fill = float(rng.uniform(34, 52)), float(rng.uniform(0.84, 0.97))
    keep = list(range(len(things)))
    while len(keep) >= _FEWEST:
        carriers = _carriers([things[k] for k in keep])
        framed = [k for k in keep if layout == "corner" or things[k].id not in carriers]
        if len(framed) < _FEWEST - 1:
            return None
        camera = _camera(np.concatenate([clouds[k] for k in framed]), azimuth, lift, fov, fill)
        share, _, sides = estimate(camera, [clouds[k] for k in keep])
        needed = [_CARRIER_SHARE if things[k].id in carriers else _SHARE for k in keep]
        fine = (share >= needed) & (sides[:, 0] >= _SIDE) & (sides[:, 1] >= _LONG)
        poor = [int(i) for i in np.flatnonzero(~fine)]
        poor = [i for i in poor if things[keep[i]].id not in carriers]
        if not poor:
            if np.any(share < needed) or len(keep) > _MOST:
                return None
            return _renumbered([things[k] for k in keep]), camera
        worst = min(poor, key=lambda i: float(share[i] * sides[i, 1]))
        keep.pop(worst)
    return None


def _carriers(things: Sequence[Thing]) -> set[int]:
    return {t.support for t in things if isinstance(t.support, int)}


def _renumbered(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """Things with ids from 1, and supports that follow."""
    new = {thing.id: k + 1 for k, thing in enumerate(things)}
    return tuple(
        replace(
            t,
            id=new[t.id],
            support=new[t.support] if isinstance(t.support, int) else t.support,
        )
        for t in things
    )


def _camera(points: Floats, azimuth: float, lift: float, fov: float, fill: float) -> Camera:
    """The camera at the given angles that has all points in the picture."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    turn, up = np.radians(azimuth), np.radians(lift)
    towards = np.array([np.cos(turn) * np.cos(up), np.sin(turn) * np.cos(up), np.sin(up)])
    focal = SIDE / (2 * np.tan(np.radians(fov / 2)))
    tx, ty, tz = (round(float(v), 4) for v in middle)
    axes = Camera((tx + towards[0], ty + towards[1], tz + towards[2]), (tx, ty, tz), 1, 2, 2).pose
    local = (points - middle) @ axes[:3, :3]
    reach = np.abs(local[:, :2]).max(axis=1) / (fill * np.tan(np.radians(fov / 2)))
    distance = max(float(np.max(reach - local[:, 2])), 0.35)
    x, y, z = (round(float(v), 4) for v in middle + distance * towards)
    return Camera((x, y, z), (tx, ty, tz), round(float(focal), 3), SIDE, SIDE)
