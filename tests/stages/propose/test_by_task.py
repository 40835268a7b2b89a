"""What `propose.by_task` makes of queries: the regions of each task, one class a region."""

from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError

from openseg.models.tasks.universal import MaskQueries
from openseg.stages.propose.by_task import ByTask
from tests.models.adapters.pictures import picture

SIZE = (8, 12)
LEFT, RIGHT, BOTH = slice(0, 6), slice(6, 12), slice(0, 12)


class Given:
    """A segmenter that sees a cup, another cup over all of it, and two walls; tells its tasks."""

    class_names = ("cup", "wall")
    things = (True, False)

    def __init__(self):
        self.asked = []

    def queries(self, images, task):
        self.asked.append(task)
        logits = torch.full((4, *SIZE), -20.0)
        for row, columns in enumerate((LEFT, BOTH, RIGHT, slice(0, 1))):
            logits[row, :, columns] = 20.0
        chances = [[0.9, 0.0, 0.1], [0.6, 0.0, 0.4], [0.0, 0.95, 0.05], [0.0, 0.92, 0.08]]
        return [MaskQueries(torch.tensor(chances), logits) for _ in images]


def run(**settings):
    segmenter = Given()
    out = ByTask(ByTask.Config(**settings), segmenter).run([picture(*SIZE)])
    names = [segmenter.class_names[row.argmax()] for row in out.classes[0].values]
    assert (out.classes[0].values.sum(dim=1) == 1).all()
    areas = out.masks[0].data.flatten(1).sum(dim=1).tolist()
    return segmenter.asked, list(zip(names, areas, strict=True)), out


def test_panoptic_segments_are_disjoint_and_fuse_stuff():
    # The larger cup loses half of its pixels, the narrow wall takes a column of the cup.
    asked, found, out = run(task="panoptic")
    assert asked == ["panoptic"]
    assert found == [("cup", 40), ("wall", 56)]
    torch.testing.assert_close(out.quality[0].values, torch.tensor([0.9, 0.95]))


def test_instances_are_things_that_may_overlap():
    _, found, _ = run(task="instance")
    assert found == [("cup", 48), ("cup", 96)]
    _, found, _ = run(task="instance", min_score=0.7)
    assert found == [("cup", 48)]


def test_a_semantic_task_gives_one_region_a_class():
    _, found, out = run(task="semantic")
    assert [name for name, _ in found] == ["cup", "wall"]
    assert out.masks[0].data.sum(dim=0).eq(1).all()


def test_segments_that_lose_more_than_is_allowed_are_dropped():
    _, found, _ = run(task="panoptic", min_left=0.9)
    assert [name for name, _ in found] == ["wall"]


def test_the_known_words_are_one_phrase_a_class():
    known = run()[2].known[0]
    assert [(p.text, p.class_id) for p in known.phrases] == [("cup", 0), ("wall", 1)]


def test_another_task_is_refused_with_the_three_words():
    with pytest.raises(ValidationError, match="'panoptic', 'instance' or 'semantic'"):
        ByTask.Config(task="parts")
