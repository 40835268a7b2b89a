"""Regions of mask queries at the image's size, and of queries that show nothing."""

from __future__ import annotations

import torch

from openseg.ops import mask_queries

THING, STUFF = 0, 1
IS_THING = torch.tensor([True, False])


def blobs(*boxes: tuple[int, int, int, int], grid=(8, 8)) -> torch.Tensor:
    """Mask logits that are sure of rectangles, left, top, right, bottom."""
    logits = torch.full((len(boxes), *grid), -9.0)
    for one, (left, top, right, bottom) in zip(logits, boxes, strict=True):
        one[top:bottom, left:right] = 9.0
    return logits


def chances(*rows: tuple[float, float]) -> torch.Tensor:
    """Chances of a thing, of stuff, and of nothing."""
    known = torch.tensor(rows).reshape(-1, 2)
    return torch.cat([known, 1 - known.sum(dim=1, keepdim=True)], dim=1)


def test_masks_are_brought_to_the_images_size_and_empty_ones_left_out():
    logits = torch.cat([blobs((0, 0, 4, 8)), blobs((0, 0, 0, 0)), blobs((4, 4, 8, 8))])
    rows, masks, sureness = mask_queries.masks_of(logits, (16, 32))
    assert rows.tolist() == [0, 2]
    assert masks.shape == (2, 16, 32)
    assert masks[0, :, :15].all()
    assert not masks[0, :, 17:].any()
    assert (sureness > 0.9).all()


def test_stuff_of_a_class_is_one_segment_and_things_are_not():
    logits = blobs((0, 0, 2, 8), (2, 0, 4, 8), (4, 0, 6, 8), (6, 0, 8, 8))
    likely = chances((0.9, 0), (0.8, 0), (0, 0.7), (0, 0.9))
    found = mask_queries.panoptic(likely, logits, (8, 8), IS_THING, 0.5, 0.8)
    assert found.labels.tolist() == [THING, THING, STUFF]
    torch.testing.assert_close(found.scores, torch.tensor([0.9, 0.8, 0.9]))
    assert found.masks[2, :, 4:].all()
    assert not found.masks[:2, :, 4:].any()


def test_a_segment_that_loses_its_pixels_is_dropped():
    logits = blobs((0, 0, 8, 8), (0, 0, 8, 4))
    likely = chances((0.9, 0), (0.8, 0))
    assert len(mask_queries.panoptic(likely, logits, (8, 8), IS_THING, 0.5, 0.8).masks) == 1


def test_instances_overlap_are_ranked_and_leave_stuff_out():
    logits = blobs((0, 0, 8, 8), (0, 0, 8, 4), (0, 0, 4, 4))
    found = mask_queries.instances(
        chances((0.6, 0.1), (0.8, 0), (0, 0.99)), logits, (8, 8), IS_THING, 0.5
    )
    assert found.labels.tolist() == [THING, THING]
    assert found.masks.flatten(1).sum(dim=1).tolist() == [32, 64]
    torch.testing.assert_close(found.scores, torch.tensor([0.8, 0.6]), atol=1e-3, rtol=0)


def test_a_pixel_that_no_query_is_sure_of_still_has_a_class_in_a_semantic_map():
    found = mask_queries.semantic(
        chances((0.9, 0), (0, 0.8)), blobs((0, 0, 4, 8), (4, 0, 8, 4)), (8, 8)
    )
    assert found.labels.tolist() == [THING, STUFF]
    assert found.masks.sum(dim=0).eq(1).all()


def test_nothing_is_found_where_nothing_is():
    size = (6, 5)
    sure, none = chances((0, 0), (0, 0)), chances()
    for likely, logits in ((sure, blobs((0, 0, 8, 8), (0, 0, 0, 0))), (none, blobs())):
        for found in (
            mask_queries.panoptic(likely, logits, size, IS_THING, 0.5, 0.8),
            mask_queries.instances(likely, logits, size, IS_THING, 0.0),
        ):
            assert found.masks.shape == (0, *size)
            assert len(found.labels) == len(found.scores) == 0
