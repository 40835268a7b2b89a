"""Floor, walls, ceiling and light of a scene."""

import colorsys
from typing import Literal

import numpy as np

from openseg.mini.rooms.held_out import Layout
from openseg.mini.rooms.scene import (
    Camera,
    Light,
    Pattern,
    Rgb,
    Room,
    StillLayout,
    Surface,
    Vector,
)
from openseg.mini.rooms.shapes.mesh import Floats

_FLOORS: dict[Pattern, float] = {
    "planks": 0.42, "tiles": 0.22, "carpet": 0.22, "speckles": 0.1, "plain": 0.04,
}  # fmt: skip
_WALLS: dict[Pattern, float] = {
    "plain": 0.5, "stripes": 0.16, "speckles": 0.14, "bricks": 0.1, "carpet": 0.1,
}  # fmt: skip


def make_surroundings(
    rng: np.random.Generator,
    layout: Layout | StillLayout,
    size: Vector,
    walls: tuple[int, ...],
    first_id: int,
) -> Room:
    """Draws the looks of a room.

    Args:
        rng: Source of all chance.
        layout: What the room is.
        size: Its lengths.
        walls: Which walls there are: 0 at x = 0, 1 at y = 0, 2 at the far x, 3 at the far y; all
            four bring a ceiling.
        first_id: Instance id of the floor; the others follow.
    """
    x, y, z = size
    quads: dict[int, tuple[Vector, Vector, Vector]] = {
        0: ((0, 0, 0), (0, y, 0), (0, 0, z)),
        1: ((x, 0, 0), (-x, 0, 0), (0, 0, z)),
        2: ((x, y, 0), (0, -y, 0), (0, 0, z)),
        3: ((0, y, 0), (x, 0, 0), (0, 0, z)),
    }
    floor = _surface(rng, first_id, "floor", ((0, 0, 0), (x, 0, 0), (0, y, 0)), _FLOORS)
    surfaces = [floor]
    paper = _surface(rng, 0, "wall", quads[0], _WALLS)
    for k, wall in enumerate(walls):
        # Most rooms have one wallpaper, some an odd wall.
        odd = rng.random() < 0.25
        looks = _surface(rng, 0, "wall", quads[wall], _WALLS) if odd else paper
        origin, along, across = quads[wall]
        surfaces.append(
            Surface(first_id + 1 + k, "wall", origin, along, across,
                    looks.pattern, looks.rgb, looks.accent, looks.tile, looks.seed)
        )  # fmt: skip
    if len(walls) == 4:
        grey = int(rng.integers(225, 250))
        high = ((0.0, y, z), (x, 0.0, 0.0), (0.0, -y, 0.0))
        surfaces.append(
            Surface(first_id + 5, "ceiling", *high, "plain", (grey, grey, grey - 4),
                    (grey - 8, grey - 8, grey - 10), 1.0, 1)
        )  # fmt: skip
    light = rng.uniform(0.75, 0.95)
    warm = (round(255 * light), round(253 * light), round(247 * light))
    skirting = warm if rng.random() < 0.7 else (112, 78, 50)
    return Room(layout, size, tuple(surfaces), skirting)


def _muted(hue: float, saturation: float, value: float) -> Rgb:
    r, g, b = (round(255 * c) for c in colorsys.hsv_to_rgb(hue % 1, saturation, value))
    return r, g, b


def _surface(
    rng: np.random.Generator,
    id_: int,
    what: Literal["floor", "wall"],
    quad: tuple[Vector, Vector, Vector],
    patterns: dict[Pattern, float],
) -> Surface:
    shares = np.array(list(patterns.values()))
    pattern = list(patterns)[rng.choice(len(patterns), p=shares / shares.sum())]
    if what == "floor":
        wooden = pattern == "planks"
        hue = rng.uniform(0.05, 0.1) if wooden or rng.random() < 0.4 else rng.random()
        saturation = rng.uniform(0.25, 0.5) if wooden else rng.uniform(0.03, 0.28)
        rgb = _muted(hue, saturation, rng.uniform(0.5, 0.88))
        contrast, tile = rng.uniform(0.15, 0.3), rng.uniform(0.7, 1.3)
    else:
        rgb = _muted(rng.random(), rng.uniform(0.02, 0.22), rng.uniform(0.74, 0.96))
        contrast, tile = rng.uniform(0.05, 0.13), rng.uniform(0.8, 1.4)
    r, g, b = (round((1 - contrast) * c) for c in rgb)
    return Surface(
        id_, what, *quad,
        pattern, rgb, (r, g, b), round(float(tile), 2), int(rng.integers(1 << 30)),
    )  # fmt: skip


def room_light(rng: np.random.Generator, size: Vector) -> Light:
    """A lamp high above a room, which shines through its ceiling."""
    middle = np.array([size[0] / 2, size[1] / 2, 0.6])
    turn, lift = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(58, 78))
    towards = np.array([np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift)])
    corners = np.array(
        [[x, y, z] for x in (0, size[0]) for y in (0, size[1]) for z in (0, size[2])]
    )
    fill = middle + np.array([rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5), size[2] * 0.55])
    return _light(rng, middle, middle + 9.5 * towards, corners, fill, (0.3, 0.42))


def still_light(rng: np.random.Generator, camera: Camera, size: Vector, azimuth: float) -> Light:
    """A lamp above and beside the camera of a still.

    Args:
        rng: Source of all chance.
        camera: The camera.
        size: Lengths of the room, whose walls are at x = 0 and y = 0.
        azimuth: Where the camera is, in degrees around its target.
    """
    middle = np.array(camera.target)
    turn = np.radians(np.clip(azimuth + rng.uniform(-60, 60), 4, 86))
    lift = np.radians(rng.uniform(42, 68))
    towards = np.array([np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift)])
    fill = np.array(camera.position) + np.array([0, 0, 0.6])
    return _light(rng, middle, middle + 8 * towards, _seen(camera, size), fill, (0.2, 0.32))


def _light(
    rng: np.random.Generator,
    middle: Floats,
    position: Floats,
    lit: Floats,
    fill: Floats,
    strength: tuple[float, float],
) -> Light:
    """A light whose cone holds all points [n, 3] that must be lit; `strength` is the fill's."""
    axis = (middle - position) / np.linalg.norm(middle - position)
    rays = (lit - position) / np.linalg.norm(lit - position, axis=1, keepdims=True)
    cone = float(np.degrees(np.arccos(np.clip(rays @ axis, -1, 1))).max()) + 1.5
    warm = rng.uniform(0.9, 1.0)
    return Light(
        position=_vector(position),
        target=_vector(middle),
        cone=round(min(44.0, cone), 2),
        intensity=round(float(rng.uniform(0.62, 0.82)), 3),
        colour=(1.0, round(float(0.5 + warm / 2), 3), round(float(warm), 3)),
        fill_position=_vector(fill),
        fill=round(float(rng.uniform(*strength)), 3),
        ambient=round(float(rng.uniform(0.28, 0.38)), 3),
    )


def _seen(camera: Camera, size: Vector) -> Floats:
    """Where the rays at the edge of a picture meet the floor or the walls at x = 0 and y = 0."""
    w, h, f = camera.width / 2, camera.height / 2, camera.focal
    at = np.linspace(-1, 1, 5)
    rays = np.array([[w * i / f, h * j / f, 1.0] for i in at for j in at]) @ camera.pose[:3, :3].T
    eye = np.array(camera.position)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(rays < 0, -eye / rays, np.inf)
    steps = np.minimum(reach.min(axis=1), max(size))
    return np.asarray(eye + steps[:, None] * rays)


def _vector(values: Floats) -> Vector:
    x, y, z = (round(float(v), 4) for v in values)
    return x, y, z
