"""Regions become what supervision's own annotators and filters take."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.io.supervision import detections
from tests.io.values import masks_with_holes

sv = pytest.importorskip("supervision")


def test_columns_stay_aligned():
    masks = torch.from_numpy(masks_with_holes())
    boxes = torch.tensor([[20.0, 10, 60, 50], [0, 0, 80, 60], [0, 0, 80, 60]])
    found = detections(masks, boxes, torch.tensor([0.9, 0.1, 0.5]), [0, 1, 0], ["a", "b", "a"])
    best = found[found.confidence > 0.3]
    assert isinstance(best, sv.Detections)
    np.testing.assert_array_equal(best.mask, masks_with_holes()[[0, 2]])
    np.testing.assert_array_equal(best.xyxy, boxes[[0, 2]])
    assert best.class_id.tolist() == [0, 0]
    assert best["class_name"].tolist() == ["a", "a"]


def test_no_regions():
    none = detections(
        torch.zeros(0, 6, 8, dtype=torch.bool), torch.zeros(0, 4), torch.zeros(0), [], []
    )
    assert len(none) == 0
