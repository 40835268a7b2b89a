"""`prompt.exemplars`: which phrase a box is an example of, and which it is not."""

from __future__ import annotations

import torch

from openseg.graph.stage import StageConfig
from openseg.stages.prompt.exemplars import PromptExemplars
from openseg.types import Boxes, TextQuery
from tests.stages.values import query_of

ONE, OTHER = [2.0, 3.0, 9.0, 8.0], [10.0, 5.0, 25.0, 18.0]


def run(query, *boxes):
    drawn = Boxes(torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4))
    [found] = PromptExemplars(StageConfig()).run([query], [drawn]).exemplars
    return [
        list(zip(some.positive.tolist(), some.xyxy.tolist(), strict=True))
        for some in (found.about(place) for place in range(max(1, len(query.phrases))))
    ]


def test_nothing_drawn_is_no_example():
    assert run(query_of("cup", "hat")) == [[], []]
    assert run(TextQuery("", ())) == [[]]


def test_boxes_show_what_the_one_phrase_means():
    assert run(query_of("cup"), ONE, OTHER) == [[(True, ONE), (True, OTHER)]]


def test_boxes_without_words_show_one_thing():
    assert run(TextQuery("", ()), ONE) == [[(True, ONE)]]


def test_other_phrases_learn_what_they_do_not_mean():
    shown, hidden = [(True, ONE), (True, OTHER)], [(False, ONE), (False, OTHER)]
    assert run(query_of("cup", "hat"), ONE, OTHER) == [shown, hidden]
    # A phrase of the same class means the same.
    assert run(query_of("cup|mug", "hat"), ONE, OTHER) == [shown, shown, hidden]
