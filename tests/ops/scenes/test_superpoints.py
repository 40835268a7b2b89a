"""Pieces of a room that is known: none crosses an edge of it, and walls are told from furniture."""

from __future__ import annotations

import numpy as np
import torch

from openseg.ops.scenes import looking, superpoints, surface
from tests import scenes
from tests.contract.scene_values import _frames

POINTS = scenes.cloud(0.05)
POSITIONS = torch.tensor(POINTS, dtype=torch.float32)


def faces():
    """Which plane of the room or of the box each point lies on, numbered."""
    on = [
        np.isclose(POINTS[:, axis], level) & inside
        for box in (scenes.ROOM, scenes.BOX)
        for inside in [((box[0] - 1e-6 <= POINTS) & (box[1] + 1e-6 >= POINTS)).all(axis=1)]
        for axis in range(3)
        for level in box[:, axis]
    ]
    return np.array(on).argmax(axis=0)


def cut(scale=0.01):
    pairs, normals = surface.neighbours_and_normals(POSITIONS, 8)
    frames = _frames()
    looks = looking.looks(frames, POSITIONS, 0.05)
    normals, faced = surface.facing(POSITIONS, normals, looks, frames.poses[:, :3, 3])
    bends = surface.creases(POSITIONS, normals, faced, pairs)
    piece = superpoints.cut(bends.double().numpy(), pairs.numpy(), len(POINTS), scale, 8)
    return piece, normals


def test_pieces_are_faces():
    piece, _ = cut()
    table = np.zeros((piece.max() + 1, 12))
    np.add.at(table, (piece, faces()), 1)
    assert table.max(axis=1).sum() / len(POINTS) > 0.97
    # Each face is one large piece and a few along its edges.
    assert (table.max(axis=0) > 0.7 * table.sum(axis=0)).sum() >= 10


def test_walls_are_large_and_have_nothing_behind_them():
    piece, normals = cut()
    inside = POSITIONS - torch.tensor(scenes.ROOM.mean(axis=0), dtype=torch.float32)
    inward = torch.where(((normals * inside).sum(dim=1) > 0)[:, None], -normals, normals)
    places = torch.tensor(piece)
    areas = surface.areas(POSITIONS, places, int(piece.max()) + 1)
    found = surface.enclosing(POSITIONS, inward, places, areas, 2.0, 0.03)[places].numpy()
    of_room = faces() < 6
    assert found[of_room].mean() > 0.8
    assert not found[~of_room].any()


def test_the_area_of_a_wall_does_not_depend_on_its_points():
    for step in (0.03, 0.06):
        grid = np.stack(np.meshgrid(np.arange(0.01, 2, step), np.arange(0.01, 1.5, step)), axis=-1)
        flat = torch.tensor(grid.reshape(-1, 2), dtype=torch.float32)
        wall = torch.cat([flat, torch.full((len(flat), 1), 0.55)], dim=1)
        piece = torch.zeros(len(flat), dtype=torch.int64)
        assert abs(float(surface.areas(wall, piece, 1)) - 3.0) < 0.05


def test_small_pieces_join_the_neighbour_they_are_like_and_bind_nobody():
    # 0-1-2-3 and 5-6-7-8 are smooth; 4 between them is unlike both, less so the first.
    pairs = np.array([[i, i + 1] for i in range(8)])
    weights = np.array([0, 0, 0, 0.5, 0.6, 0, 0, 0])
    assert superpoints.cut(weights, pairs, 9, 0.01, 2).tolist() == [0] * 5 + [1] * 4
    assert superpoints.cut(weights, pairs, 9, 0.01, 1).tolist() == [0] * 4 + [1] + [2] * 4
    assert superpoints.cut(weights[:0], pairs[:0], 3, 0.01, 5).tolist() == [0, 1, 2]


def test_few_points_have_normals_too():
    for count in range(3):
        pairs, normals = surface.neighbours_and_normals(POSITIONS[:count], 8)
        assert len(normals) == count
        assert len(pairs) == (1 if count == 2 else 0)
