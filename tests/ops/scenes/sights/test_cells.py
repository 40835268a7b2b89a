"""Cells hold points of the same objects; counts and boxes by cells are those of a loop."""

from __future__ import annotations

import pytest
import torch

from openseg.ops.scenes import looking, sights
from openseg.ops.scenes.sights import cells
from openseg.types import Instances3D

SIZE = (48, 64)


def objects(kind, points=300):
    random = torch.Generator().manual_seed(4)
    masks = torch.rand(7, points, generator=random) < 0.2
    if kind == "empty":
        masks[[0, 3, 6]] = False
    if kind == "equal":
        masks[1:] = masks[0]
    if kind == "none":
        masks = masks[:0]
    if kind == "whole":
        masks[:] = True
    return masks, Instances3D.from_masks(masks, torch.ones(len(masks)))


@pytest.mark.parametrize("kind", ["overlapping", "empty", "equal", "none", "whole"])
def test_points_of_the_same_objects_share_a_cell(kind):
    masks, given = objects(kind)
    found = cells.Cells.of(given)
    within = found.places >= found.first
    assert within.tolist() == masks.any(dim=0).tolist()
    cell = (found.places[:, None] >= found.first + found.starts).sum(axis=1)
    sets = {(int(c), tuple(mask)) for c, mask in zip(cell, masks.T.tolist(), strict=True)}
    assert len(sets) == len({c for c, _ in sets}) == len({mask for _, mask in sets})


@pytest.mark.parametrize("kind", ["overlapping", "empty", "equal", "none", "whole"])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_counts_and_boxes_are_those_of_a_loop(kind, share):
    masks, given = objects(kind)
    random = torch.Generator().manual_seed(5)
    points = (torch.rand(masks.shape[1], generator=random) < share).nonzero()[:, 0]
    pixels = torch.randint(SIZE[0] * SIZE[1], (len(points),), generator=random)
    found = sights.instance_views([looking.Look(1, SIZE, points, pixels)], given, 2)
    assert not found.visible[:, 0].any()
    for row, mask in enumerate(masks):
        own = pixels[mask[points]]
        x, y = own % SIZE[1], own // SIZE[1]
        box = [x.min(), y.min(), x.max() + 1, y.max() + 1] if len(own) else [0] * 4
        assert int(found.visible[row, 1]) == len(own)
        assert found.boxes[row, 1].tolist() == [float(edge) for edge in box]
