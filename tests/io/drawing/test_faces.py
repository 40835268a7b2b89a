"""Meshes covered by points, and points drawn as discs of which the nearest is seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from openseg.io.drawing import faces
from openseg.io.drawing.splat import PAPER, splat

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 0.3, 0], [1, 0.3, 0.4]], dtype=np.float32)
COLORS = np.array([[0, 0, 0], [200, 0, 0], [0, 200, 0], [0, 0, 200]], dtype=np.uint8)
TRIANGLES = np.array([[0, 1, 2], [2, 1, 3]])


@pytest.mark.parametrize("spacing", [0.01, 0.05, 2.0])
def test_no_place_of_a_mesh_is_far_from_its_points(spacing):
    made = faces.cover(CORNERS, COLORS, TRIANGLES, spacing)
    draw = np.random.default_rng(0)
    share = draw.dirichlet(np.ones(3), size=2000).astype(np.float32)
    places = np.einsum("sc,fcd->fsd", share, CORNERS[TRIANGLES]).reshape(-1, 3)
    away, _ = cKDTree(made.positions).query(places)
    assert away.max() <= 0.75 * spacing
    # Its vertices are among them, first, and every point is near the vertex it counts for.
    assert np.array_equal(made.positions[:4], CORNERS)
    assert made.vertex[:4].tolist() == [0, 1, 2, 3]
    away = np.linalg.norm(made.positions - CORNERS[made.vertex], axis=1)
    assert away.max() <= 0.75 * np.linalg.norm(CORNERS[1] - CORNERS[2])


def test_colours_are_blended_between_corners():
    made = faces.cover(CORNERS, COLORS, TRIANGLES[:1], 0.01)
    middle = cKDTree(made.positions).query([0.5, 0.0, 0.0])[1]
    assert np.abs(made.colors[middle].astype(int) - [100, 0, 0]).max() <= 4


def test_large_meshes_get_fewer_points_of_each_face(monkeypatch):
    monkeypatch.setattr(faces, "MOST", 500)
    made = faces.cover(CORNERS, COLORS, TRIANGLES, 0.001)
    assert len(made.positions) <= 500 + len(CORNERS)
    assert made.spacing > 0.001


def test_quads_and_flat_faces_are_covered_too():
    quad = faces.cover(CORNERS, COLORS, np.array([[0, 1, 3, 2]]), 0.05)
    assert cKDTree(quad.positions).query([0.5, 0.15, 0.0])[0] < 0.25
    line = faces.cover(CORNERS, COLORS, np.array([[0, 1, 1], [2, 2, 2]]), 0.05)
    assert np.isfinite(line.positions).all()


def test_the_nearest_disc_is_seen():
    draw = np.random.default_rng(1)
    places = draw.uniform(-5, 45, (200, 2)).astype(np.float32)
    depth = draw.uniform(1, 2, 200).astype(np.float32)
    radius = draw.uniform(0.5, 4, 200).astype(np.float32)
    colors = draw.integers(0, 255, (200, 3)).astype(np.uint8)
    drawn = splat(places, depth, colors, (40, 40), radius)
    for y, x in draw.integers(0, 40, (300, 2)).tolist():
        away = np.linalg.norm(np.rint(2 * places) - [2 * x, 2 * y], axis=1)
        here = np.flatnonzero(away <= np.rint(2 * radius).clip(1))
        seen = int(drawn.points[y, x])
        assert seen == (here[depth[here].argmin()] if len(here) else -1)


def test_nothing_is_paper():
    nothing = np.zeros((0, 2), dtype=np.float32)
    empty = np.zeros(0, dtype=np.float32)
    drawn = splat(nothing, empty, np.zeros((0, 3), dtype=np.uint8), (8, 6), empty)
    assert drawn.colors.shape == (8, 6, 3)
    assert (drawn.colors == PAPER).all()
    assert (drawn.points == -1).all()
