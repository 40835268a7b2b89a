"""The cascade shows the segmenter its own masks: the last look has points, mask and box."""

from __future__ import annotations

import pytest
import torch

from openseg.graph.stage import StageConfig
from openseg.io.images import read_image
from openseg.models.protocols import Prompts
from openseg.models.store import ModelStore
from openseg.ops.masks import boxes_from_masks, iou
from openseg.stages.segment.cascade import SegmentCascade
from openseg.types import Points


@pytest.fixture(scope="module")
def segmenter():
    return ModelStore(device="cpu").load("sam")


def points(*rows):
    xy = torch.tensor(rows, dtype=torch.float32).reshape(-1, 2, 2)
    return Points(xy, torch.tensor([[1, 0]]).expand(len(xy), 2).clone())


def test_three_looks_each_with_what_was_found_before(segmenter, room):
    image = read_image(room)
    height, width = image.size
    asked = points([[width * 0.4, height * 0.6], [5, 5]], [[width * 0.7, height * 0.5], [9, 9]])
    [masks], [quality] = SegmentCascade(StageConfig(), segmenter).run([image], [asked])

    def look(candidates, **more):
        given = Prompts(points=asked.xy, point_labels=asked.labels, **more)
        [found] = segmenter.segment([image], [given], candidates)
        best = found.quality.argmax(dim=1)
        logits = torch.stack([some[i] for some, i in zip(found.logits, best, strict=True)])
        return logits, found.quality.amax(dim=1)

    logits, _ = look(False)
    logits, _ = look(True, logits=logits)
    boxes = boxes_from_masks(segmenter.pixels(logits, image.size) > 0)
    logits, wanted = look(True, logits=logits, boxes=boxes)
    assert iou(masks.data, segmenter.pixels(logits, image.size) > 0).diagonal().min() > 0.999
    torch.testing.assert_close(quality.values, wanted)


def test_no_points_give_no_masks(segmenter, room):
    image = read_image(room)
    [masks], [quality] = SegmentCascade(StageConfig(), segmenter).run([image], [points()])
    assert masks.data.shape == (0, *image.size)
    assert len(quality) == 0
