"""All that is drawn is one prompt: SAM is shown boxes, points and the mask of the round before."""

from __future__ import annotations

import pytest
import torch

from openseg.io.images import image_from
from openseg.models.protocols import MaskLogits
from openseg.ops.masks import iou
from openseg.stages.segment.drawn import SegmentDrawn
from openseg.types import Boxes, Masks, Points
from tests.stages.values import masks_of

SIZE = (30, 40)
IMAGE = image_from(torch.zeros(3, *SIZE, dtype=torch.uint8))
NO_POINTS = Points(torch.zeros(0, 1, 2), torch.zeros(0, 1, dtype=torch.int64))
NO_BOX, NO_MASK = Boxes(torch.zeros(0, 4)), masks_of(size=SIZE)


class Shown:
    """A segmenter that keeps its prompts; its grid of 16x16 is covered as SAM's is, 12x16 of it."""

    def __init__(self):
        self.seen = []

    def segment(self, images, prompts, candidates):
        self.seen += [(one, candidates) for one in prompts]
        count = 3 if candidates else 1
        logits = torch.arange(count).float()[None, :, None, None] - torch.ones(1, count, 16, 16)
        return [MaskLogits(logits, torch.tensor([[0.2, 0.9, 0.5]])[:, :count])]

    def pixels(self, logits, size):
        part = logits[:, None, :12, :16]
        return torch.nn.functional.interpolate(part, size, mode="bilinear")[:, 0]


def look(**drawn):
    """What a segmenter was shown last, and what the stage made of its answer."""
    segmenter = Shown()
    stage = SegmentDrawn(SegmentDrawn.Config(), segmenter)
    given = {"boxes": NO_BOX, "points": NO_POINTS, "masks": NO_MASK} | drawn
    outputs = stage.run([IMAGE], **{name: [value] for name, value in given.items()})
    return segmenter.seen, outputs


def points(*rows):
    xy = torch.tensor([[one[:2] for one in row] for row in rows], dtype=torch.float32)
    return Points(xy, torch.tensor([[one[2] for one in row] for row in rows]))


def test_nothing_drawn_gives_no_row_and_asks_nobody():
    seen, outputs = look()
    assert not seen
    assert [len(one) for [one] in outputs] == [0, 0, 0, 0]
    assert outputs.masks[0].data.shape == (0, *SIZE)


def test_a_lone_point_has_several_readings_best_first():
    seen, outputs = look(points=points([(5, 6, 1)]))
    assert [candidates for _, candidates in seen] == [True]
    torch.testing.assert_close(outputs.reading_quality[0].values, torch.tensor([0.9, 0.5, 0.2]))
    assert outputs.readings[0].data.flatten(1).any(dim=1).tolist() == [False, True, False]
    assert len(outputs.masks[0]) == 1
    assert outputs.quality[0].values.tolist() == pytest.approx([0.9])


def test_points_of_all_rows_and_a_box_around_all_boxes_are_one_prompt():
    boxes = Boxes(torch.tensor([[4.0, 5, 10, 12], [8, 2, 20, 9]]))
    rows = points([(5, 6, 1), (1, 1, 0), (0, 0, -1)], [(9, 8, 1), (7, 7, 1), (1, 1, 0)])
    [(prompt, candidates)], _ = look(boxes=boxes, points=rows)
    assert not candidates
    assert prompt.boxes.tolist() == [[4, 2, 20, 12]]
    shown = zip(prompt.points[0].tolist(), prompt.point_labels[0].tolist(), strict=True)
    assert sorted((*xy, label) for xy, label in shown) == [
        (1, 1, 0), (5, 6, 1), (7, 7, 1), (9, 8, 1)
    ]  # fmt: skip


def test_a_mask_alone_is_the_thing_as_it_is():
    former = masks_of((3, 4, 9, 12), (8, 4, 20, 10), size=SIZE)
    seen, outputs = look(masks=former)
    assert not seen
    assert torch.equal(outputs.masks[0].data, former.data.any(dim=0, keepdim=True))


def test_a_former_mask_is_shown_where_it_lies_in_the_segmenters_grid():
    former = masks_of((10, 10, 30, 20), size=SIZE)
    seen, _ = look(masks=former, points=points([(15, 15, 0)]))
    prompt, candidates = seen[-1]
    assert not candidates
    assert prompt.logits.shape == (1, 16, 16)
    again = Shown().pixels(prompt.logits, SIZE) > 0
    assert iou(again, former.data) > 0.97  # but for corners, which interpolation rounds
    expected = torch.full((16, 16), -10.0)
    expected[4:8, 4:12] = 10.0
    torch.testing.assert_close(prompt.logits[0], expected)


def test_outputs_share_no_memory_which_the_cache_refuses():
    _, outputs = look(points=points([(5, 6, 1)]))
    storage = {value.data.untyped_storage().data_ptr() for [value] in (outputs[0], outputs[2])}
    assert len(storage) == 2


def test_a_former_mask_that_found_nothing_is_no_prompt():
    seen, _ = look(masks=Masks(torch.zeros(1, *SIZE, dtype=torch.bool)), points=points([(5, 6, 1)]))
    assert [one.logits for one, _ in seen] == [None]
