"""Box operations against torchvision and pycocotools."""

from __future__ import annotations

import numpy as np
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from openseg.ops import boxes


def random_boxes(count: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=generator) * 50
    return torch.cat([corner, corner + torch.rand(count, 2, generator=generator) * 40], dim=1)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 10_000))
def test_iou_and_area_are_those_of_torchvision(n, m, seed):
    a, b = random_boxes(n, seed), random_boxes(m, seed + 1)
    torch.testing.assert_close(boxes.iou(a, b), torchvision.ops.box_iou(a, b))
    torch.testing.assert_close(boxes.area(a), torchvision.ops.box_area(a))


def test_iou_is_that_of_pycocotools():
    a, b = random_boxes(5, 3), random_boxes(7, 4)
    xywh = [torch.cat([x[:, :2], x[:, 2:] - x[:, :2]], dim=1).double().numpy() for x in (a, b)]
    np.testing.assert_allclose(boxes.iou(a, b).numpy(), coco.iou(*xywh, [0] * 7), atol=1e-6)


def test_empty_and_inverted_boxes_overlap_nothing():
    odd = torch.tensor([[3.0, 3, 3, 3], [5, 5, 2, 2], [0, 0, 10, 10]])
    assert boxes.area(odd).tolist() == [0, 0, 100]
    assert boxes.iou(odd, odd).tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_clip_puts_every_corner_into_the_image():
    wild = torch.tensor([[-5.0, -1, 300, 20], [10, 10, 20, 90]])
    assert boxes.clip(wild, (50, 200)).tolist() == [[0, 0, 200, 20], [10, 10, 20, 50]]


def test_nms_within_classes_only_best_first():
    same = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 10], [50, 50, 60, 60]])
    scores = torch.tensor([0.3, 0.9, 0.8, 0.5])
    classes = torch.tensor([0, 0, 1, 0])
    assert boxes.nms(same, scores, classes, 0.5).tolist() == [1, 2, 3]
    assert boxes.nms(same[:0], scores[:0], classes[:0], 0.5).tolist() == []
