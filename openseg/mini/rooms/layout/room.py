"""A furnished room of a layout family, with a walk through it."""

import numpy as np

from openseg.mini.rooms.held_out import SEEN_LAYOUTS, UNSEEN_LAYOUTS
from openseg.mini.rooms.layout.drawing import Drawer
from openseg.mini.rooms.layout.furnish import HANGING, PLANS, hang, scatter, set_out
from openseg.mini.rooms.layout.placing import Placing
from openseg.mini.rooms.layout.solid_box import SolidBox
from openseg.mini.rooms.layout.surroundings import make_surroundings, room_light
from openseg.mini.rooms.layout.walk import make_walk
from openseg.mini.rooms.scene import Scene
from openseg.mini.rooms.splits import split_of

FEWEST, MOST = 12, 30
"""How many things a room has."""

_DOOR_SPACE = 0.7


def make_room(seed: int) -> Scene:
    """Makes the room of a seed.

    Twelve to thirty things, no two in the same place, and 24 to 40 cameras on a walk that
    together see nearly everything.

    Args:
        seed: A seed from `scene_seed`; its split decides which layout families and which
            colour-category pairs may appear.

    Returns:
        The scene. The same seed always gives the same scene.

    Raises:
        ValueError: If the seed belongs to no split.
    """
    unseen = split_of(seed) == "test_unseen"
    rng = np.random.default_rng([seed, 1])
    families = UNSEEN_LAYOUTS if unseen else SEEN_LAYOUTS
    layout = families[rng.integers(len(families))]
    plan = PLANS[layout]
    while True:  # a room that is too empty is furnished anew
        x, y, z = rng.uniform(*plan.x), rng.uniform(*plan.y), rng.uniform(2.45, 2.8)
        size = (round(float(x), 3), round(float(y), 3), round(float(z), 3))
        placing = Placing(rng, Drawer(rng, unseen), size)
        _open(placing)
        plan.furnish(placing)
        hang(placing, plan.walls, int(rng.integers(2, 6)))
        most = int(rng.integers(19, MOST + 1))
        scatter(placing, plan.goods, int(rng.integers(4, 10)), most)
        set_out(placing, plan.tops, most)
        if FEWEST <= len(placing.things) <= MOST:
            break
    things = tuple(placing.things)
    room = make_surroundings(rng, layout, size, (0, 1, 2, 3), len(things) + 1)
    return Scene(seed, "room", room, things, make_walk(rng, placing), room_light(rng, size))


def _open(placing: Placing) -> None:
    """A door whose way is kept free, and windows."""
    rng = placing.rng
    door = placing.on_wall("door", *HANGING["door"], (0.1, 0.9))
    if door is not None:
        turn = np.radians(door.yaw)
        x = door.position[0] + np.cos(turn) * _DOOR_SPACE / 2
        y = door.position[1] + np.sin(turn) * _DOOR_SPACE / 2
        width = door.extent[1]
        placing.keep_free(SolidBox(x, y, 0, 2, door.yaw, _DOOR_SPACE, width))
    for _ in range(int(rng.integers(0, 3))):
        placing.on_wall("window", *HANGING["window"], (0.1, 0.9))
