"""Heat maps as places: regions, points and groups, against drawings and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.vq import kmeans2

from openseg.ops import heat


def drawn(*rows):
    return torch.tensor([[cell == "#" for cell in row] for row in rows])


def test_the_largest_region_is_taken_corners_touch():
    mask = drawn("##..#", "....#", "...#.", ".....", "####.")
    assert torch.equal(
        heat.largest_component(mask), drawn(".....", ".....", ".....", ".....", "####.")
    )
    touching = drawn("##...", "..#..", "...#.", "....#", "####.")
    assert heat.largest_component(touching).all() == touching.all()
    assert int(heat.largest_component(touching).sum()) == 9


def test_of_equal_regions_the_first_is_taken_and_of_nothing_nothing():
    assert torch.equal(heat.largest_component(drawn("#.#")), drawn("#.."))
    assert not heat.largest_component(drawn("...")).any()


def test_a_warm_region_lies_on_the_image_where_the_map_is_warm():
    values = torch.zeros(4, 8)
    values[1:3, 4:6] = 5.0
    region = heat.warm_region(values, (40, 80), 0.7, 1.1)
    y, x = region.nonzero().T
    # Bilinear from centre to centre: 0.7 of the way up lies 0.2 of a cell outside the cell's rim.
    assert y.float().mean() == pytest.approx(19.5, abs=0.1)
    assert x.float().mean() == pytest.approx(49.5, abs=0.1)
    assert 16 <= int(y.max() - y.min()) + 1 <= 20
    assert heat.warm_region(torch.full((4, 8), 0.3), (40, 80), 0.7, 1.0) is None
    assert heat.warm_region(values, (40, 80), 0.7, 9.0) is None
    assert heat.warm_region(values, (1, 1), 0.7, 1.1) is None
    assert heat.warm_region(values, (2, 2), 0.7, 1.1).any()


def test_contrast_tells_a_peak_from_flat_ground():
    assert heat.contrast(torch.full((3, 3), 0.25)) == pytest.approx(1)
    assert heat.contrast(torch.zeros(3, 3)) == 0
    assert heat.contrast(torch.eye(2)) == 2


@given(st.integers(0, 12), st.integers(0, 99))
def test_random_points_are_different_pixels_of_the_mask(count, seed):
    mask = drawn("##..#", "....#", "...#.")
    points = heat.random_points(mask, count, torch.Generator().manual_seed(seed))
    assert points.shape == (min(count, 5), 2)
    places = {(int(y), int(x)) for x, y in points.tolist()}
    assert len(places) == len(points)
    assert all(mask[place] for place in places)
    assert all(value % 1 == 0.5 for value in points.flatten().tolist())


def test_rows_of_points_are_padded():
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0]])
    xy, labels = heat.labelled([(a, b), (b, b[:0])], torch.device("cpu"))
    assert labels.tolist() == [[1, 1, 0], [1, -1, -1]]
    assert xy[0].tolist() == [[1, 2], [3, 4], [5, 6]]
    xy, labels = heat.labelled([], torch.device("cpu"))
    assert (xy.shape, labels.shape) == ((0, 1, 2), (0, 1))


def test_warmest_cells_are_given_by_their_middles_on_the_image():
    values = torch.tensor([[0.0, 3.0, 1.0], [2.0, 0.0, 0.0]])
    assert heat.warmest_points(values, (20, 60), 3).tolist() == [[30, 5], [10, 15], [50, 5]]
    assert len(heat.warmest_points(values, (20, 60), 99)) == 6


def test_centres_are_those_of_scipy_begun_at_the_same_points():
    rng = np.random.default_rng(4)
    groups = [rng.normal(middle, 1.0, (8, 2)) for middle in ((0, 0), (30, 0), (0, 40), (25, 30))]
    points = np.concatenate(groups)
    found = heat.cluster_centres(torch.from_numpy(points), 4).numpy()
    begun = np.stack([group[0] for group in groups])
    wanted, _ = kmeans2(points, begun, iter=50, minit="matrix")
    order = [int(np.linalg.norm(found - one, axis=1).argmin()) for one in wanted]
    assert sorted(order) == [0, 1, 2, 3]
    np.testing.assert_allclose(found[order], wanted, atol=1e-9)


def test_few_points_are_their_own_centres():
    points = torch.tensor([[1.0, 1.0], [9.0, 2.0]])
    assert sorted(heat.cluster_centres(points, 4).tolist()) == points.tolist()
    assert heat.cluster_centres(points[:0], 4).shape == (0, 2)
    same = points[:1].repeat(5, 1)
    assert torch.equal(heat.cluster_centres(same, 3).unique(dim=0), points[:1])
