"""Masks survive being encoded, and the encoding is COCO's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask

from openseg.io.rle import decode_masks, encode_masks, mask_areas, mask_boxes
from tests.io.values import masks_with_holes

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=9))


def runs(mask):
    """Run lengths column by column, zeros first, straight from the definition."""
    lengths, current = [0], False
    for value in mask.flatten(order="F"):
        if value != current:
            lengths.append(0)
            current = value
        lengths[-1] += 1
    return lengths


@given(MASKS)
@settings(deadline=None)
def test_round_trip_in_the_encoding_of_coco(masks):
    height, width = masks.shape[1:]
    encoded = encode_masks(masks)
    np.testing.assert_array_equal(decode_masks(encoded, (height, width)), masks)
    for mask, rle in zip(masks, encoded, strict=True):
        plain = {"size": [height, width], "counts": runs(mask)}
        expected = coco_mask.frPyObjects(plain, height, width)["counts"].decode()
        assert rle == {"size": [height, width], "counts": expected}


@given(MASKS)
@settings(deadline=None)
def test_areas_and_boxes(masks):
    encoded = encode_masks(masks)
    assert mask_areas(encoded) == masks.sum(axis=(1, 2)).tolist()
    for mask, (left, top, width, height) in zip(masks, mask_boxes(encoded), strict=True):
        y, x = np.nonzero(mask)
        expected = (
            [x.min(), y.min(), x.max() + 1 - x.min(), y.max() + 1 - y.min()] if len(x) else [0] * 4
        )
        assert [left, top, width, height] == expected


def test_no_masks():
    assert encode_masks(np.zeros((0, 4, 5), bool)) == []
    assert decode_masks([], (4, 5)).shape == (0, 4, 5)
    assert decode_masks([], (4, 5)).dtype == bool
    assert mask_areas([]) == mask_boxes([]) == []


def test_tensors_of_any_layout():
    masks = masks_with_holes()
    plain = encode_masks(masks)
    assert encode_masks(torch.from_numpy(masks)) == plain
    assert encode_masks(np.asfortranarray(masks)) == plain
    turned = torch.from_numpy(np.ascontiguousarray(masks.transpose(2, 0, 1))).permute(1, 2, 0)
    assert encode_masks(turned) == plain


def test_masks_of_another_size_are_not_taken():
    with pytest.raises(ValueError, match="broadcast"):
        decode_masks(encode_masks(np.ones((1, 3, 4), bool)), (4, 3))
