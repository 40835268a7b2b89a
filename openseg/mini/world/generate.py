"""A scene from a seed: what stands where, under which light, seen from which side.

Pure NumPy: the same seed gives the same scene everywhere, with or without a renderer.
"""

import colorsys
from dataclasses import replace

import numpy as np

from openseg.mini.world.mesh import Floats, merge
from openseg.mini.world.scene import Camera, Light, Rgb, Room, Scene, Surface, Thing
from openseg.mini.world.shapes import build
from openseg.mini.world.splits import split_of
from openseg.mini.world.view import distance_that_fits
from openseg.mini.world.visibility import estimate, surface_points
from openseg.mini.world.vocabulary import COLOURS, SEEN_PAIRS, UNSEEN_PAIRS

MIN_VISIBLE = 0.6
"""Smallest share of an object that the camera sees."""

MIN_SIDE = 22 / 256
"""Shortest side of an object's visible box, as a share of the picture's side."""

_SAFE_VISIBLE, _SAFE_SIDE = 0.66, 24 / 256  # margins for the error of the estimate
_TRIES = 40
_CLOUD = 1500

_SIZES: dict[str, tuple[float, float]] = {
    "chair": (0.68, 0.9),
    "table": (0.65, 0.85),
    "couch": (0.75, 0.95),
    "monitor": (0.55, 0.75),
    "book": (0.5, 0.65),
    "box": (0.55, 0.75),
    "lamp": (0.65, 0.9),
    "stool": (0.5, 0.65),
    "bottle": (0.55, 0.8),
    "bucket": (0.5, 0.65),
    "clock": (0.45, 0.65),
    "cup": (0.4, 0.6),
    "ball": (0.35, 0.55),
    "hat": (0.5, 0.65),
    "bowl": (0.45, 0.65),
    "potted plant": (0.55, 0.75),
}
# Turned towards the camera, as one meets them; everything else turns freely.
_FACING = {"chair", "couch", "monitor", "clock"}


def make_scene(seed: int) -> Scene:
    """Makes the scene of a seed.

    Three to seven objects stand on a floor or a table; no two share both colour and category,
    and all are inside a square picture, large and visible enough to be asked for.

    Args:
        seed: A seed from `scene_seed`; its split decides which colour-category pairs may appear.

    Returns:
        The scene. The same seed always gives the same scene.

    Raises:
        ValueError: If the seed belongs to no split.
    """
    split_of(seed)
    rng = np.random.default_rng(seed)
    azimuth = rng.uniform(12, 78)
    pairs = _pairs(rng, unseen=split_of(seed) == "test_unseen")
    things = [_thing(rng, colour, name, azimuth) for colour, name in pairs]
    clouds = [surface_points(merge([p.mesh for p in build(t)]), _CLOUD, rng) for t in things]
    placed: Camera | None = None
    while placed is None:
        spots, camera = _arrange(rng, clouds, azimuth)
        for _ in range(_TRIES):
            if _all_visible(camera, clouds, spots):
                placed = camera
                break
            spots, camera = _arrange(rng, clouds, azimuth)
        else:  # too crowded: the last thing leaves
            things.pop()
            clouds.pop()
    order = rng.permutation(len(things))
    things = [
        replace(things[k], id=i + 1, position=_vector((*spots[k], 0.0)))
        for i, k in enumerate(order)
    ]
    return Scene(seed, _room(rng, clouds, spots), tuple(things), placed, _light(rng))


def _vector(values: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (round(float(v), 4) for v in values)
    return x, y, z


def _pairs(rng: np.random.Generator, unseen: bool) -> list[tuple[str, str]]:
    """Distinct (colour, category) pairs; about half the scenes share colours or categories."""
    pool = list(SEEN_PAIRS + UNSEEN_PAIRS if unseen else SEEN_PAIRS)
    first = (UNSEEN_PAIRS if unseen else SEEN_PAIRS)[
        rng.integers(len(UNSEEN_PAIRS if unseen else SEEN_PAIRS))
    ]
    count = int(rng.integers(3, 8))
    chosen = [first]
    share_category, share_colour = rng.random() < 0.45, rng.random() < 0.35
    for shared, which in ((share_category, 1), (share_colour, 0)):
        if shared:
            alike = [p for p in pool if p[which] == first[which] and p not in chosen]
            picks = rng.permutation(len(alike))[: rng.integers(1, 3)]
            chosen += [alike[k] for k in picks]
    rest = [p for p in pool if p not in chosen]
    picks = rng.permutation(len(rest))[: max(0, count - len(chosen))]
    return chosen + [rest[k] for k in picks]


def _thing(rng: np.random.Generator, colour: str, category: str, azimuth: float) -> Thing:
    """A thing of the given kind at the origin, before it has an id."""
    shade = np.array(COLOURS[colour]) * rng.uniform(0.9, 1.06) + rng.normal(0, 3, 3)
    r, g, b = (int(v) for v in np.clip(np.round(shade), 12, 252))
    yaw = azimuth + rng.uniform(-65, 65) if category in _FACING else rng.uniform(0, 360)
    return Thing(
        id=0,
        category=category,
        colour=colour,
        rgb=(r, g, b),
        position=(0.0, 0.0, 0.0),
        yaw=round(float(yaw) % 360, 2),
        size=round(float(rng.uniform(*_SIZES[category])), 3),
        shape=(round(float(rng.random()), 3), round(float(rng.random()), 3)),
    )


def _arrange(
    rng: np.random.Generator, clouds: list[Floats], azimuth: float
) -> tuple[Floats, Camera]:
    """Random places [n, 2] without overlap, and a camera that has everything in the picture."""
    radii = [float(np.linalg.norm(cloud[:, :2], axis=1).max()) for cloud in clouds]
    reach = rng.uniform(1.25, 1.75) * float(np.sqrt(np.sum(np.square(radii))))
    spots: list[Floats] = []
    while len(spots) < len(radii):
        reach *= 1.01  # a crowded disc grows until everything has found a place
        angle, far = rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.random())
        spot = far * np.array([np.cos(angle), np.sin(angle)])
        apart = [
            np.linalg.norm(spot - s) > radii[len(spots)] + r
            for s, r in zip(spots, radii, strict=False)
        ]
        if all(apart):
            spots.append(spot)
    places: Floats = np.stack(spots).round(4)
    everything = np.concatenate(_standing(clouds, places))
    middle = (everything.min(axis=0) + everything.max(axis=0)) / 2
    turn, lift = np.radians(azimuth), np.radians(rng.uniform(17, 48))
    towards = np.array([np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift)])
    fov, fill = float(rng.uniform(34, 50)), float(rng.uniform(0.82, 0.96))
    distance = max(distance_that_fits(everything, middle, towards, fov, fill), 2.2)
    camera = Camera(
        _vector(tuple(middle + distance * towards)), _vector(tuple(middle)), round(fov, 2)
    )
    return places, camera


def _standing(clouds: list[Floats], spots: Floats) -> list[Floats]:
    """The points of all things where they stand."""
    return [cloud + np.append(spot, 0.0) for cloud, spot in zip(clouds, spots, strict=True)]


def _all_visible(camera: Camera, clouds: list[Floats], spots: Floats) -> bool:
    share, side = estimate(camera, _standing(clouds, spots))
    return bool(np.all(share >= _SAFE_VISIBLE) and np.all(side >= _SAFE_SIDE))


def _muted(rng: np.random.Generator, saturation: float, low: float, high: float) -> Rgb:
    """A colour of little saturation and a brightness between `low` and `high`."""
    colour = colorsys.hsv_to_rgb(
        rng.random(), rng.uniform(0.02, saturation), float(rng.uniform(low, high))
    )
    r, g, b = (round(255 * c) for c in colour)
    return r, g, b


def _surface(
    rng: np.random.Generator, patterns: dict[str, float], low: float, high: float, contrast: float
) -> Surface:
    rgb = _muted(rng, 0.22, low, high)
    factor = 1 - rng.uniform(0.5, 1) * contrast
    r, g, b = (round(factor * c) for c in rgb)
    pattern = str(rng.choice(list(patterns), p=list(patterns.values())))
    tile = round(float(rng.uniform(0.7, 1.6)), 2)
    return Surface(pattern, rgb, (r, g, b), tile, int(rng.integers(1 << 30)))  # type: ignore[arg-type]


def _room(rng: np.random.Generator, clouds: list[Floats], spots: Floats) -> Room:
    edge = np.max(
        [
            np.abs(cloud[:, :2] + spot).max(axis=0)
            for cloud, spot in zip(clouds, spots, strict=True)
        ],
        axis=0,
    )
    floors = {"plain": 0.2, "planks": 0.35, "tiles": 0.25, "speckles": 0.2}
    walls = {"plain": 0.55, "stripes": 0.25, "speckles": 0.2}
    table = None
    if rng.random() < 0.4:
        table = _surface(rng, {"plain": 0.5, "planks": 0.35, "speckles": 0.15}, 0.5, 0.88, 0.2)
    x, y = (round(float(v), 3) for v in edge + rng.uniform(0.06, 0.3, 2))
    gap = rng.uniform(0.5, 1.6) if table else rng.uniform(0.05, 1.2)
    return Room(
        floor=_surface(rng, floors, 0.5, 0.9, 0.3),
        walls=(_surface(rng, walls, 0.68, 0.95, 0.12), _surface(rng, walls, 0.68, 0.95, 0.12)),
        wall=round(float(max(x, y) + gap), 3),
        table=table,
        extent=(x, y),
    )


def _light(rng: np.random.Generator) -> Light:
    turn, lift = np.radians(rng.uniform(2, 88)), np.radians(rng.uniform(42, 70))
    towards = (np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift))
    return Light(
        position=_vector((9 * towards[0], 9 * towards[1], 9 * towards[2])),
        intensity=round(float(rng.uniform(0.6, 0.8)), 3),
        fill=round(float(rng.uniform(0.18, 0.3)), 3),
        ambient=round(float(rng.uniform(0.26, 0.36)), 3),
    )
