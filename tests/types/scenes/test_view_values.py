"""Packed masks hold every pixel; evidence follows the objects it speaks of."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from openseg.graph.codec import decode, encode
from openseg.types import Instances3D, Sightings, ViewMasks, ViewRegions
from openseg.types.errors import ShapeError


@st.composite
def pictures(draw):
    n, h, w = draw(st.integers(0, 4)), draw(st.integers(1, 9)), draw(st.integers(1, 19))
    random = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    return torch.rand(n, h, w, generator=random) < draw(st.sampled_from([0.0, 0.1, 0.6, 1.0]))


@given(st.lists(pictures(), min_size=1, max_size=3))
def test_packed_masks_hold_every_pixel(views):
    packed = ViewMasks.joined([ViewMasks.from_masks(masks) for masks in views])
    whole = [mask for masks in views for mask in masks]
    assert len(packed) == len(whole)
    for row, mask in enumerate(whole):
        assert torch.equal(packed.mask(row, (mask.shape[0], mask.shape[1])), mask)
    again = decode(ViewMasks, encode(packed))
    assert torch.equal(again.bits, packed.bits)


def test_a_mask_takes_the_bytes_of_its_box():
    masks = torch.zeros(1, 1000, 1000, dtype=torch.bool)
    masks[0, 500:540, 600:640] = True
    assert len(ViewMasks.from_masks(masks).bits) == 200


def regions(views):
    n = len(views)
    return ViewRegions(torch.tensor(views), torch.zeros(n, 4), torch.zeros(n))


def test_rows_of_a_view_are_found():
    found = regions([0, 0, 2, 2, 2, 5])
    assert [list(found.of_view(view)) for view in range(6)] == [[0, 1], [], [2, 3, 4], [], [], [5]]
    with pytest.raises(ShapeError, match="must not fall"):
        regions([1, 0])


def seen(instances, views, weights):
    n = len(instances)
    return Sightings(
        torch.tensor(instances),
        torch.tensor(views),
        torch.zeros(n, 4),
        torch.arange(n),
        torch.tensor(weights),
        ("a", "b"),
    )


def test_objects_take_their_evidence_along():
    evidence = seen([0, 0, 2], [0, 1, 1], [0.2, 0.7, 1.0])
    masks = torch.eye(3, dtype=torch.bool)
    objects = Instances3D.from_masks(masks, torch.zeros(3))
    objects = Instances3D(
        objects.points, objects.ends, objects.scores, objects.total, evidence=evidence
    )
    assert objects.evidence.of(0).tolist() == [1, 0]
    taken = decode(Instances3D, encode(objects.take([2, 1, 0, 0]))).evidence
    assert taken.instances.tolist() == [0, 2, 2, 3, 3]
    assert taken.regions.tolist() == [2, 0, 1, 0, 1]
    with pytest.raises(ShapeError, match="must speak of the 2 objects"):
        Instances3D(objects.points[:2], objects.ends[:2], objects.scores[:2], 3, evidence=evidence)
