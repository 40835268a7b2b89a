"""Masks of everything against `SamAutomaticMaskGenerator`, the trained mini SAM in each."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from segment_anything import SamAutomaticMaskGenerator

from openseg import ops
from openseg.io.images import image_from
from openseg.models.store import ModelStore
from openseg.stages.propose.automatic_masks import AutomaticMasks
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.sam_twin import twin

SIDE, LEAST = 16, 0.2
"""Points a side, and the least quality and stability: the mini SAM rates itself low."""

WEIGHTS = Path(str(files("openseg"))) / "mini" / "weights"


@pytest.mark.parametrize("size", [(96, 128), (128, 120)])
@pytest.mark.parametrize("nms_iou", [0.5, 0.7, 0.95])
def test_masks_boxes_and_quality_are_the_generators(tmp_path, size, nms_iou):
    [picture] = pictures(tmp_path, 1, size)
    image = image_from(picture)
    generator = SamAutomaticMaskGenerator(
        twin(WEIGHTS / "sam"),
        points_per_side=SIDE,
        pred_iou_thresh=LEAST,
        stability_score_thresh=LEAST,
        box_nms_thresh=nms_iou,
    )
    theirs = generator.generate(image.pixels.permute(1, 2, 0).numpy())
    config = AutomaticMasks.Config(
        points_per_side=SIDE, min_quality=LEAST, min_stability=LEAST, nms_iou=nms_iou
    )
    stage = AutomaticMasks(config, segmenter=ModelStore(WEIGHTS, "cpu").load("sam"))
    with torch.no_grad():
        [masks], [boxes], [quality] = stage.run([image])
    assert len(theirs) > 5
    assert len(masks.data) == len(theirs)
    expected = torch.from_numpy(np.stack([one["segmentation"] for one in theirs]))
    same = ops.masks.iou(masks.data, expected)
    assert (same.amax(dim=1) > 0.99).all()
    assert (same.amax(dim=0) > 0.99).all()
    assert torch.equal(boxes.xyxy, ops.masks.boxes_from_masks(masks.data))
    rated = torch.tensor([one["predicted_iou"] for one in theirs])
    found, order = quality.values, rated.argsort(descending=True)
    torch.testing.assert_close(found, rated[order], atol=1e-3, rtol=0)
