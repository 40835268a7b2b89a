"""Hand-made scenes, and what a camera sees of a scene without any rendering."""

import numpy as np

from openseg.mini.rooms.catalogue import category
from openseg.mini.rooms.scene import Camera, Light, PartColour, Room, Scene, Thing
from openseg.mini.rooms.sentences import Seen, Sight
from openseg.mini.rooms.shapes import extent_of
from openseg.mini.rooms.splits import scene_seed
from openseg.mini.rooms.vocabulary import COLOURS

SIDE = 256


def thing(id_, name, colour, x, y, z=0.0, share=0.5, material="plain", support="floor", **parts):
    """A thing whose size is a share of its category's range; `handle="red"` colours a part."""
    low, high = category(name).size
    size = low + share * (high - low)
    accents = tuple(PartColour(part, c, COLOURS[c]) for part, c in parts.items())
    return Thing(
        id_, name, colour, material, COLOURS[colour], (x, y, z), 0.0, size,
        extent_of(name, (0.5, 0.5), size), (0.5, 0.5), support, accents,
    )  # fmt: skip


def scene(*things, split="train", camera=None):
    """A scene of these things, seen from far out on the x axis: +y is right in the picture."""
    camera = camera or Camera((8.0, 0.0, 2.0), (0.0, 0.0, 0.5), 500.0, SIDE, SIDE)
    light = Light((3, 3, 3), (0, 0, 0), 40.0, 1.0, (1, 1, 1), (3, 0, 3), 0.3, 0.3)
    room = Room("corner", (9.0, 9.0, 3.2), (), (200, 200, 200))
    return Scene(scene_seed(split, 0), "still", room, tuple(things), (camera,), light)


def corners(one):
    """The corners of a thing's box in the world, [8, 3]."""
    depth, width, height = one.extent
    turn = np.radians(one.yaw)
    x, y, z = one.middle
    return np.array(
        [
            (
                x + a * depth / 2 * np.cos(turn) - b * width / 2 * np.sin(turn),
                y + a * depth / 2 * np.sin(turn) + b * width / 2 * np.cos(turn),
                z + c * height / 2,
            )
            for a in (-1, 1)
            for b in (-1, 1)
            for c in (-1, 1)
        ]
    )


def sight(of, hidden=(), gone=()):
    """What the first camera sees if nothing hides anything but what is said.

    Args:
        of: The scene.
        hidden: Ids of things that are hardly seen.
        gone: Ids of things that are not seen at all.
    """
    camera = of.cameras[0]
    found = []
    for one in of.things:
        where, _ = camera.project(corners(one))
        x0, y0 = np.clip(where.min(axis=0), 0, SIDE)
        x1, y1 = np.clip(where.max(axis=0), 0, SIDE)
        count = len(one.kind.parts)
        pixels = max(int((x1 - x0) * (y1 - y0) * 0.5), 1)
        if one.id in gone or x1 - x0 < 1 or y1 - y0 < 1:
            continue
        visible = 0.05 if one.id in hidden else 1.0
        box = (float(x0), float(y0), float(x1), float(y1))
        found.append(Seen(one.id, box, visible, (max(pixels // count, 1),) * count))
    return Sight(camera, tuple(found))
