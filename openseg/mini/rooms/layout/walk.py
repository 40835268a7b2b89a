"""A walk through a room: cameras on a loop that look across it, and closer looks at the rest."""

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.layout.placing import Placing
from openseg.mini.rooms.layout.solid_box import box_of
from openseg.mini.rooms.layout.visibility import clouds_of, estimate
from openseg.mini.rooms.scene import Camera, Thing, Vector
from openseg.mini.rooms.shapes.mesh import Floats

WIDTH, HEIGHT = 320, 240
"""Size of a walk's pictures in pixels."""

MOST_VIEWS = 40
"""Most cameras of a walk."""

_LOOP = 24
_FOV = 62.0
_WELL_SHARE, _WELL_SIDE = 0.5, 14 / HEIGHT
_EYE = (1.2, 1.75)


def make_walk(rng: np.random.Generator, placing: Placing) -> tuple[Camera, ...]:
    """The cameras of a walk: a loop of 24, and up to 16 closer looks at what it misses."""
    loop = [_loop_camera(rng, placing, k) for k in range(_LOOP)]
    clouds = clouds_of(placing.things, 300, rng)
    well = np.zeros(len(clouds), dtype=bool)
    for camera in loop:
        well |= _well_seen(camera, clouds)
    stops: list[list[Camera]] = [[camera] for camera in loop]
    left = MOST_VIEWS - _LOOP
    for k in rng.permutation(len(clouds)):
        if left == 0:
            break
        if well[k]:
            continue
        close = _close_camera(rng, placing, placing.things[k])
        if close is None:
            continue
        well |= _well_seen(close, clouds)
        nearest = min(range(_LOOP), key=lambda i: _apart(loop[i].position, close.position))
        stops[nearest].append(close)
        left -= 1
    return tuple(camera for stop in stops for camera in stop)


def _well_seen(camera: Camera, clouds: list[Floats]) -> npt.NDArray[np.bool_]:
    _, whole, sides = estimate(camera, clouds)
    return np.asarray((whole >= _WELL_SHARE) & (sides[:, 0] >= _WELL_SIDE))


def _apart(a: Vector, b: Vector) -> float:
    return float(np.linalg.norm(np.subtract(a, b)))


def _camera(position: Vector, target: Vector) -> Camera:
    focal = HEIGHT / (2 * np.tan(np.radians(_FOV / 2)))
    x, y, z = (round(float(v), 4) for v in position)
    a, b, c = (round(float(v), 4) for v in target)
    return Camera((x, y, z), (a, b, c), round(float(focal), 3), WIDTH, HEIGHT)


def _loop_camera(rng: np.random.Generator, placing: Placing, k: int) -> Camera:
    """The k-th camera of the loop, from one side of the room to the other."""
    x, y, z = placing.size
    angle = 2 * np.pi * (k + rng.uniform(-0.2, 0.2)) / _LOOP
    eye = float(rng.uniform(*_EYE))
    out = rng.uniform(0.3, 0.4)
    while True:
        at = (x / 2 + out * x * np.cos(angle), y / 2 + out * y * np.sin(angle), eye)
        if placing.is_clear(*at, 0.15) or out < 0.05:
            break
        out *= 0.85
    while not placing.is_clear(*at, 0.05) and eye < z - 0.3:
        eye += 0.1
        at = (at[0], at[1], eye)
    across = angle + np.pi + rng.uniform(-0.7, 0.7)
    target = (
        x / 2 + 0.4 * x * np.cos(across),
        y / 2 + 0.4 * y * np.sin(across),
        float(rng.uniform(0.25, 0.9)),
    )
    return _camera(at, target)


def _close_camera(rng: np.random.Generator, placing: Placing, thing: Thing) -> Camera | None:
    """A camera near a thing with nothing in between; None if none was found."""
    middle = np.array(thing.middle)
    solids = [box_of(t) for t in placing.things if t.id not in _held_by(placing, thing)]
    for attempt in range(80):
        far = max(0.55, 1.1 * thing.size) + rng.uniform(0.2, 0.8 + 0.01 * attempt)
        spread = 100 if thing.kind.front or thing.support == "wall" else 180
        turn = np.radians(thing.yaw + rng.uniform(-spread, spread) * 0.7)
        lift = np.radians(rng.uniform(8, 55))
        ray = np.array([np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift)])
        eye = middle + far * ray
        ex, ey, ez = (float(v) for v in eye)
        if not placing.is_clear(ex, ey, ez, 0.1):
            continue
        steps = middle + np.linspace(0.15, 0.95, 12)[:, None] * (eye - middle)
        if not any(box.contains(*point) for box in solids for point in steps.tolist()):
            return _camera(tuple(eye), tuple(middle))
    return None


def _held_by(placing: Placing, thing: Thing) -> set[int]:
    """The thing and all that carries it."""
    ids = {thing.id}
    while isinstance(thing.support, int):
        thing = placing.things[thing.support - 1]
        ids.add(thing.id)
    return ids
