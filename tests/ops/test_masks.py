"""Mask operations against pycocotools and plain counting."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from openseg.ops import masks


def random_masks(count: int, size: tuple[int, int], seed: int) -> torch.Tensor:
    """Blobs of different sizes, the first one empty."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand(count, 1, 4, 4, generator=generator)
    smooth = torch.nn.functional.interpolate(noise, size=size, mode="bilinear")[:, 0]
    levels = torch.linspace(1.1, 0.1, count)[:, None, None]
    return smooth > levels


def rle(stack: torch.Tensor) -> list[dict[str, object]]:
    return coco.encode(np.asfortranarray(stack.permute(1, 2, 0).numpy().astype(np.uint8)))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 7), st.integers(1, 40), st.integers(1, 40), st.integers(0, 10_000))
def test_area_and_boxes_are_those_of_pycocotools(count, height, width, seed):
    stack = random_masks(count, (height, width), seed)
    encoded = rle(stack)
    assert masks.area(stack).tolist() == coco.area(encoded).tolist()
    xywh = coco.toBbox(encoded)
    xyxy = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    np.testing.assert_array_equal(masks.boxes_from_masks(stack).numpy(), xyxy)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 7), st.integers(1, 40), st.integers(1, 40), st.integers(0, 10_000))
def test_masks_come_back_from_their_bits(count, height, width, seed):
    stack = random_masks(count, (height, width), seed)
    bits = masks.packed(stack)
    flat = stack.flatten(1).numpy()
    np.testing.assert_array_equal(bits.numpy(), np.packbits(flat, axis=1, bitorder="little"))
    assert torch.equal(masks.unpacked(bits, (height, width)), stack)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 40), st.integers(0, 10_000))
def test_iou_is_that_of_pycocotools(n, m, side, seed):
    a, b = random_masks(n, (side, 2 * side), seed), random_masks(m, (side, 2 * side), seed + 1)
    expected = coco.iou(rle(a), rle(b), [0] * m)
    np.testing.assert_allclose(masks.iou(a, b).numpy(), expected, atol=1e-6)


def test_iou_does_not_depend_on_how_it_is_cut_for_memory(monkeypatch):
    a, b = random_masks(4, (61, 47), 1), random_masks(3, (61, 47), 2)
    whole = masks.iou(a, b)
    monkeypatch.setattr(masks, "_CHUNK", 100)
    assert torch.equal(masks.iou(a, b), whole)


def test_iou_takes_no_rows():
    none, some = torch.zeros(0, 4, 5, dtype=torch.bool), torch.ones(3, 4, 5, dtype=torch.bool)
    assert masks.iou(none, some).shape == (0, 3)
    assert masks.iou(some, none).shape == (3, 0)
    assert masks.boxes_from_masks(none).shape == (0, 4)
    assert masks.area(none).shape == (0,)


def test_nms_keeps_the_best_of_each_overlapping_group():
    stack = torch.zeros(5, 10, 10, dtype=torch.bool)
    stack[0, :5] = True
    stack[1, :6] = True  # overlaps row 0 by 5/6, scored better
    stack[2, 6:] = True
    stack[3, :6] = True  # the same as row 1, of another class
    scores = torch.tensor([0.5, 0.9, 0.1, 0.3, 0.05])
    classes = torch.tensor([0, 0, 0, 1, 0])
    assert masks.nms(stack, scores, classes, 0.8).tolist() == [1, 3, 2, 4]
    assert masks.nms(stack, scores, classes, 0.84).tolist() == [1, 0, 3, 2, 4]


def test_nms_a_suppressed_mask_suppresses_nothing():
    stack = torch.zeros(3, 1, 12, dtype=torch.bool)
    stack[0, :, 0:6] = True
    stack[1, :, 2:8] = True
    stack[2, :, 4:10] = True
    scores = torch.tensor([0.9, 0.8, 0.7])
    assert masks.nms(stack, scores, torch.zeros(3, dtype=torch.int64), 0.4).tolist() == [0, 2]


def test_nms_of_equal_scores_is_in_row_order_and_takes_no_rows():
    stack = torch.ones(3, 4, 4, dtype=torch.bool)
    classes = torch.zeros(3, dtype=torch.int64)
    assert masks.nms(stack, torch.ones(3), classes, 0.5).tolist() == [0]
    assert masks.nms(stack[:0], torch.ones(0), classes[:0], 0.5).tolist() == []


def test_stability_is_segment_anythings():
    amg = pytest.importorskip("segment_anything.utils.amg")
    logits = torch.randn(4, 20, 30, generator=torch.Generator().manual_seed(0)) * 3
    expected = amg.calculate_stability_score(logits, 0.0, 1.0)
    torch.testing.assert_close(masks.stability(logits, 1.0), expected)
    assert masks.stability(torch.full((1, 3, 3), -9.0), 1.0).tolist() == [0.0]
