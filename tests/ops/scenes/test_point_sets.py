"""Overlaps of point sets are those of their rows of booleans."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from openseg.ops import masks as mask_ops
from openseg.ops.scenes import point_sets
from openseg.types import Instances3D, Superpoints


@st.composite
def sets(draw, total=30):
    k = draw(st.integers(0, 6))
    random = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    masks = torch.rand(k, total, generator=random) < draw(st.sampled_from([0.0, 0.3, 0.8]))
    return Instances3D.from_masks(masks, torch.rand(k, generator=random))


def pictures(some):
    return some.masks().reshape(len(some), 5, 6)


@given(sets(), sets())
def test_overlaps(a, b):
    assert torch.equal(point_sets.iou(a, b), mask_ops.iou(pictures(a), pictures(b)))


@given(sets(), st.sampled_from([0.2, 0.5]))
def test_suppression(some, max_iou):
    classes = torch.arange(len(some)) % 2
    found = point_sets.nms(some, classes, max_iou)
    expected = mask_ops.nms(pictures(some), some.scores, classes, max_iou)
    assert found.tolist() == expected.tolist()


@given(sets(), st.randoms())
def test_pairs_in_any_order_make_the_same_objects(some, shuffle):
    order = list(range(len(some.points))) * 2
    shuffle.shuffle(order)
    owners, points = some.owners[order], some.points[order]
    made = point_sets.from_pairs(owners, points, some.scores, some.total)
    assert torch.equal(made.points, some.points)
    assert torch.equal(made.ends, some.ends)


@given(sets(), st.integers(1, 5))
def test_what_objects_have_of_pieces_is_counted_where_they_touch(objects, count):
    piece = torch.arange(30) * count // 30
    pieces = Superpoints(piece, count, torch.zeros(30, 3), torch.zeros(0, 2, dtype=torch.int64))
    table = torch.zeros(len(objects), count, dtype=torch.int64)
    owners, touched, points = point_sets.held(objects, pieces)
    table[owners, touched] = points
    dense = torch.nn.functional.one_hot(piece, count)
    assert torch.equal(table, objects.masks().long() @ dense)
    assert (points > 0).all()
