"""A still: a few things close up, on a piece of furniture or in the corner of a room."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.held_out import held_out
from openseg.mini.rooms.layout.arrange import arrange
from openseg.mini.rooms.layout.drawing import Drawer
from openseg.mini.rooms.layout.placing import Placing
from openseg.mini.rooms.layout.surroundings import make_surroundings, still_light
from openseg.mini.rooms.layout.visibility import clouds_of, estimate
from openseg.mini.rooms.scene import Camera, Scene, StillLayout, Thing, Vector
from openseg.mini.rooms.shapes.mesh import Floats
from openseg.mini.rooms.splits import split_of

SIDE = 256
"""Side of a still's picture in pixels."""

_SHARE, _SIDE, _CARRIER_SHARE = 0.5, 12 / SIDE, 0.2
_LONG = 22 / SIDE
_FEWEST, _MOST = 3, 9
_TRIES = 12
_SIZE: Vector = (9.0, 9.0, 4.5)


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
    while True:
        subject = CATEGORIES[rng.integers(len(CATEGORIES))]
        for _ in range(_TRIES):
            placing = Placing(rng, Drawer(rng, unseen), _SIZE, walls=(0, 1))
            layout, azimuth = arrange(placing, subject)
            found = _see(rng, placing.things, azimuth, layout)
            if found is None:
                continue
            things, camera = found
            if unseen and not any(held_out(t.colour, t.category) for t in things):
                continue
            if all(thing.category != subject.name for thing in things):
                continue
            room = make_surroundings(rng, layout, _SIZE, (0, 1), len(things) + 1)
            light = still_light(rng, camera, _SIZE, azimuth)
            return Scene(seed, "still", room, things, (camera,), light)


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
