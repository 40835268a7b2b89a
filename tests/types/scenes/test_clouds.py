"""Clouds and their objects: point lists say the same as rows of booleans."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from openseg.types import Instances3D, Phrase, Phrases, PointCloud
from openseg.types.errors import ShapeError


@st.composite
def mask_rows(draw):
    k, n = draw(st.integers(0, 6)), draw(st.integers(0, 12))
    random = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    return torch.rand(k, n, generator=random) < draw(st.sampled_from([0.0, 0.3, 1.0]))


def named(count):
    return Phrases(tuple(Phrase(f"thing {i}", i, (0, 1)) for i in range(count)))


@given(mask_rows())
def test_point_lists_hold_what_masks_hold(masks):
    objects = Instances3D.from_masks(masks, torch.zeros(len(masks)))
    assert (len(objects), objects.total) == masks.shape
    assert torch.equal(objects.masks(), masks)
    assert objects.sizes.tolist() == masks.sum(dim=1).tolist()
    for row, mask in enumerate(masks):
        assert objects.of(row).tolist() == mask.nonzero()[:, 0].tolist()


@given(mask_rows(), st.data())
def test_objects_are_taken_with_all_their_columns(masks, data):
    k = len(masks)
    rows = data.draw(st.lists(st.integers(0, k - 1), max_size=8)) if k else []
    objects = Instances3D.from_masks(masks, torch.arange(float(k)), named(k))
    taken = objects.take(rows)
    assert torch.equal(taken.masks(), masks[rows])
    assert taken.scores.tolist() == [float(row) for row in rows]
    assert [phrase.class_id for phrase in taken.phrases.items] == rows


def test_columns_that_do_not_fit_are_refused():
    masks = torch.ones(2, 3, dtype=torch.bool)
    with pytest.raises(ShapeError, match=r"Instances3D\.scores must have 2 rows, got 1"):
        Instances3D.from_masks(masks, torch.zeros(1))
    with pytest.raises(ShapeError, match=r"Instances3D\.phrases must have 2 rows, got 3"):
        Instances3D.from_masks(masks, torch.zeros(2), named(3))
    with pytest.raises(ShapeError, match=r"masks must be bool"):
        Instances3D.from_masks(masks.long(), torch.zeros(2))
    points = torch.zeros(3, 3)
    with pytest.raises(ShapeError, match=r"PointCloud\.colors must be uint8"):
        PointCloud(points, points)
    with pytest.raises(ShapeError, match=r"PointCloud\.colors must have 3 rows, got 2"):
        PointCloud(points, torch.zeros(2, 3, dtype=torch.uint8))
    with pytest.raises(ShapeError, match=r"PointCloud\.normals"):
        PointCloud(points, points.to(torch.uint8), points[:1])
