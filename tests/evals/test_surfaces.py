"""Areas of surfaces by closed formulas, distances by comparing every pair of points."""

from __future__ import annotations

import math

import numpy as np
import pytest

from openseg_evals.surfaces import border_voxels, distances, marching_cubes

SPACINGS = [(1.0, 1.0, 1.0), (0.7, 0.7, 3.0), (2.5, 1.0, 0.4)]


def box(shape, low, size):
    mask = np.zeros(shape, bool)
    mask[tuple(slice(a, a + n) for a, n in zip(low, size, strict=True))] = True
    return mask


def box_area(size, spacing):
    """A box whose edges and corners are cut off half a voxel from the centres of its voxels."""
    a, b, c = spacing
    x, y, z = ((n - 1) * s for n, s in zip(size, spacing, strict=True))
    faces = 2 * (x * y + y * z + x * z)
    edges = 2 * (x * math.hypot(b, c) + y * math.hypot(a, c) + z * math.hypot(a, b))
    corners = math.sqrt((b * c) ** 2 + (a * c) ** 2 + (a * b) ** 2)
    return faces + edges + corners


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("size", [(1, 1, 1), (1, 1, 4), (3, 4, 5)])
@pytest.mark.parametrize("low", [(2, 1, 3), (0, 0, 0)])
def test_area_of_a_box_wherever_it_lies(size, spacing, low):
    surface = marching_cubes(box((7, 7, 9), low, size), spacing)
    assert surface.areas.sum() == pytest.approx(box_area(size, spacing))


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 2.0)])
def test_length_of_a_rectangles_outline(spacing):
    a, b = spacing
    surface = marching_cubes(box((6, 8), (1, 2), (3, 4)), spacing)
    expected = 2 * (2 * a + 3 * b) + 2 * math.hypot(a, b)
    assert surface.areas.sum() == pytest.approx(expected)


def test_a_hole_has_the_area_of_the_object_that_would_fill_it():
    hole = box((9, 9, 9), (3, 2, 4), (2, 3, 2))
    solid = np.ones((9, 9, 9), bool)
    inner = marching_cubes(solid & ~hole, (1, 2, 3)).areas.sum()
    outer, filling = (marching_cubes(one, (1, 2, 3)).areas.sum() for one in (solid, hole))
    assert inner == pytest.approx(outer + filling)


def test_voxels_that_touch_along_an_edge_are_apart():
    pair = np.zeros((4, 4, 4), bool)
    pair[1, 1, 1] = pair[2, 2, 1] = True
    apart = 2 * box_area((1, 1, 1), (1, 1, 1))
    assert marching_cubes(pair, (1, 1, 1)).areas.sum() == pytest.approx(apart)


def test_borders_are_voxels_with_an_open_face():
    cube = box((5, 5, 5), (0, 0, 0), (3, 3, 3))
    assert len(border_voxels(cube).points) == 26
    assert len(border_voxels(np.ones((4, 4), bool)).points) == 12  # the array ends there


def every_pair(start, end, spacing):
    steps = (start.points[:, None] - end.points[None]) * np.array(spacing)
    return np.sqrt((steps**2).sum(-1)).min(1)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("density", [0.5, 0.002])  # noise, and what a search tree is used for
def test_distances_are_those_to_the_nearest(spacing, density):
    random = np.random.default_rng(5)
    first, second = (border_voxels(random.random((14, 16, 18)) < density) for _ in range(2))
    expected = every_pair(first, second, spacing)
    np.testing.assert_allclose(distances(first, second, spacing), expected, rtol=1e-12)


def test_a_distance_that_equals_three_steps_is_not_longer():
    start, end = (border_voxels(box((40, 40, 40), (low, 0, 0), (1, 1, 1))) for low in (30, 33))
    assert distances(start, end, (0.7, 1, 1))[0] <= 3 * 0.7


def test_an_empty_surface_is_infinitely_far():
    dot, nothing = (border_voxels(box((4, 4, 4), (1, 1, 1), (n, n, n))) for n in (1, 0))
    assert distances(dot, nothing, (1, 1, 1)).tolist() == [math.inf]
    assert distances(nothing, dot, (1, 1, 1)).tolist() == []
