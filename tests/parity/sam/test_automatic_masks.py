"""Masks of everything against `SamAutomaticMaskGenerator`, the same random weights in each."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from segment_anything import SamAutomaticMaskGenerator

from openseg import ops
from openseg.models.store import ModelStore
from openseg.stages.propose.automatic_masks import AutomaticMasks
from tests.models.adapters.pictures import picture
from tests.parity.sam.checkpoints import tiny_twins

SIDE, LEAST_STABLE = 6, 0.3


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    return tiny_twins(tmp_path_factory.mktemp("sam"))


@pytest.mark.parametrize("name", ["sam", "sam-original"])
@pytest.mark.parametrize("size", [(96, 128), (100, 70)])
@pytest.mark.parametrize("nms_iou", [0.5, 0.8, 0.95])
def test_masks_boxes_and_quality_are_the_generators(twins, name, size, nms_iou):
    image = picture(*size)
    generator = SamAutomaticMaskGenerator(
        twins.network,
        points_per_side=SIDE,
        pred_iou_thresh=0.0,
        stability_score_thresh=LEAST_STABLE,
        stability_score_offset=0.05,
        box_nms_thresh=nms_iou,
    )
    theirs = generator.generate(image.pixels.permute(1, 2, 0).numpy())
    config = AutomaticMasks.Config(
        points_per_side=SIDE,
        min_quality=0.0,
        min_stability=LEAST_STABLE,
        stability_offset=0.05,
        nms_iou=nms_iou,
    )
    segmenter = ModelStore(twins.folder, device="cpu").load(name)
    with torch.no_grad():
        [masks], [boxes], [quality] = AutomaticMasks(config, segmenter=segmenter).run([image])
    assert len(theirs) > 3
    assert len(masks.data) == len(theirs)
    expected = torch.from_numpy(np.stack([one["segmentation"] for one in theirs]))
    same = ops.masks.iou(masks.data, expected)
    assert (same.amax(dim=1) > 0.99).all()
    assert (same.amax(dim=0) > 0.99).all()
    assert torch.equal(boxes.data, ops.masks.boxes_from_masks(masks.data))
    rated = torch.tensor([one["predicted_iou"] for one in theirs])
    torch.testing.assert_close(quality.data, rated.sort(descending=True)[0], atol=1e-4, rtol=0)
