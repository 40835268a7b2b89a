"""What `propose.detect` makes of a detector's boxes: thresholds, labels, suppression."""

from __future__ import annotations

import torch

from openseg.io.images import image_from
from openseg.models.protocols import TextDetections
from openseg.ops.text import parse_query
from openseg.stages.propose.detect import Detect


class Given:
    """A detector whose detections are known."""

    def __init__(self, boxes, scores):
        self.detections = TextDetections(torch.tensor(boxes), torch.tensor(scores))

    def detect(self, images, phrases, min_score):
        return [self.detections for _ in images]


IMAGE = image_from(torch.zeros(100, 100, 3, dtype=torch.uint8).numpy(), "black")
LEFT, LEFT_AGAIN, RIGHT = [0.0, 0, 40, 40], [0.0, 0, 40, 41], [60.0, 60, 90, 90]


def run(boxes, scores, **settings):
    query = parse_query("cat; dog")
    out = Detect(Detect.Config(**settings), Given(boxes, scores)).run([IMAGE], [query])
    return out.boxes[0].xyxy.tolist(), out.scores[0].values.tolist(), out.phrases[0].items


def test_each_box_is_labelled_with_its_best_phrase():
    _, _, phrases = run([LEFT, RIGHT], [[0.9, 0.2], [0.3, 0.8]])
    assert [phrase.text for phrase in phrases] == ["cat", "dog"]


def test_boxes_below_the_threshold_are_dropped():
    boxes, _, _ = run([LEFT, RIGHT], [[0.9, 0.2], [0.3, 0.4]], box_threshold=0.5)
    assert boxes == [LEFT]


def test_the_weaker_of_two_boxes_of_one_phrase_is_dropped():
    boxes, scores, _ = run([LEFT, LEFT_AGAIN], [[0.5, 0.0], [0.75, 0.0]])
    assert boxes == [LEFT_AGAIN]
    assert scores == [0.75]


def test_overlapping_boxes_of_different_phrases_are_both_kept():
    boxes, _, _ = run([LEFT, LEFT_AGAIN], [[0.9, 0.0], [0.0, 0.8]])
    assert boxes == [LEFT, LEFT_AGAIN]


def test_the_best_boxes_are_kept_when_there_are_too_many():
    boxes, _, _ = run([LEFT, RIGHT], [[0.3, 0.0], [0.0, 0.8]], max_boxes=1)
    assert boxes == [RIGHT]


def test_a_box_may_be_a_region_for_rival_phrases_too():
    scores = [[0.9, 0.7], [0.3, 0.8]]
    boxes, values, phrases = run([LEFT, RIGHT], scores, rival_share=0.5)
    assert boxes == [LEFT, RIGHT, LEFT]
    assert values == torch.tensor([0.9, 0.8, 0.7]).tolist()
    assert [phrase.text for phrase in phrases] == ["cat", "dog", "dog"]
