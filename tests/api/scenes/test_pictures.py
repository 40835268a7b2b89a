"""What a user is shown of a scene: clear objects, in a room without its ceiling."""

from __future__ import annotations

import numpy as np
import torch

from openseg.api.scenes.clear import clear_rows
from openseg.api.scenes.picture import draw_mesh
from openseg.io.scenes.ply import Mesh
from openseg.types import PointCloud


def _clear(*objects: tuple[float, int, range]) -> list[int]:
    scores, classes, points = ([one[i] for one in objects] for i in range(3))
    return clear_rows(scores, classes, lambda row: np.array(points[row], dtype=np.int64), 100)


TABLE = (0.8, 0, range(30))


def test_sure_objects_are_shown_the_surest_first():
    chair, faint = (0.9, 1, range(70, 90)), (0.3, 1, range(90, 99))
    assert _clear(TABLE, chair, faint) == [1, 0]
    assert _clear(faint) == [0]
    assert _clear() == []
    assert _clear((0.0, 0, range(5)), (0.0, 0, range(5, 9))) == [0, 1]


def test_one_thing_is_shown_once():
    desk = (0.7, 1, range(2, 28))  # the same by another name
    piece = (0.7, 0, range(5))
    beside = (0.7, 0, range(24, 40))  # less than half of it is the table's
    assert _clear(TABLE, desk) == [0]
    assert _clear(TABLE, piece) == [0]
    assert _clear(TABLE, beside) == [0, 1]


def test_what_lies_on_a_thing_is_shown_beside_it():
    assert _clear(TABLE, (0.6, 2, range(5))) == [0, 1]


def test_a_ceiling_hides_nothing():
    floor, ceiling, table = (_plate(height, side) for height, side in ((0, 4), (2.4, 4), (0.8, 1)))
    positions = np.concatenate([floor, ceiling, table])
    owner = np.repeat([0, 1, 2], [len(floor), len(ceiling), len(table)])
    cloud = PointCloud(
        torch.from_numpy(positions.astype(np.float32)),
        torch.zeros(len(positions), 3, dtype=torch.uint8),
    )
    nothing = np.zeros(len(positions), dtype=bool)
    drawn = draw_mesh(Mesh(cloud), np.zeros((len(positions), 3), np.uint8), nothing, None, 200)
    seen = owner[drawn.points[drawn.points >= 0]]
    assert (seen == 2).any()
    assert (seen == 0).any()
    assert not (seen == 1).any()
    # Without walls of a room's height, what is on top is no ceiling.
    low = positions * [1, 1, 0.2]
    cloud = PointCloud(torch.from_numpy(low.astype(np.float32)), cloud.colors)
    drawn = draw_mesh(Mesh(cloud), np.zeros((len(low), 3), np.uint8), nothing, None, 200)
    assert (owner[drawn.points[drawn.points >= 0]] == 1).any()


def _plate(height: float, side: float) -> np.ndarray:
    at = np.arange(-side / 2, side / 2, 0.05)
    x, y = (one.reshape(-1) for one in np.meshgrid(at, at))
    return np.stack([x, y, np.full_like(x, height)], axis=1)
