"""`segment.by_concept`: whose instances are whose, exemplars that show one thing, bad boxes."""

from __future__ import annotations

import pytest
import torch

from openseg.models.store import ModelStore
from openseg.models.tasks.concept_segmenting import ConceptPrompt
from openseg.stages.segment.by_concept import SegmentByConcept
from openseg.types import Exemplars, TextQuery
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.models.adapters.sam3.checkpoints import save_sam3
from tests.stages.values import query_of

NO_WORDS = TextQuery("", ())


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sam3")
    save_sam3(folder)
    return ModelStore(folder, device="cpu").load("sam3")


@pytest.fixture
def stage(segmenter):
    return SegmentByConcept(SegmentByConcept.Config(min_score=0.3), segmenter)


def boxes(*rows, positive=None, about=None):
    xyxy = torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)
    return Exemplars(
        xyxy,
        torch.tensor(positive or [True] * len(rows), dtype=torch.bool),
        torch.tensor(about or [0] * len(rows), dtype=torch.int64),
    )


def test_instances_of_all_phrases_stand_one_after_the_other(stage, segmenter):
    image, query = picture(80, 100), query_of("red cup", "chair")
    [[cups, chairs]] = segmenter.find(
        [image], [[ConceptPrompt("red cup"), ConceptPrompt("chair")]], 0.3, 0.5
    )
    found = stage.run([image], [query])
    [phrases], [scores], [presence] = found.phrases, found.scores, found.presence
    names = [one.text for one in phrases.items]
    assert names == ["red cup"] * len(cups.scores) + ["chair"] * len(chairs.scores)
    torch.testing.assert_close(scores.values, torch.cat([cups.scores, chairs.scores]))
    assert torch.equal(found.masks[0].data, torch.cat([cups.masks, chairs.masks]))
    assert torch.equal(found.boxes[0].xyxy, torch.cat([cups.boxes, chairs.boxes]))
    assert presence.values.unique().tolist() == sorted(
        [float(cups.presence), float(chairs.presence)]
    )


def test_a_concept_nobody_drew_is_an_empty_result(segmenter):
    strict = SegmentByConcept(SegmentByConcept.Config(min_score=1.0), segmenter)
    found = strict.run([picture(40, 50)], [query_of("red cup", "chair")])
    assert found.masks[0].data.shape == (0, 40, 50)
    assert [len(column[0]) for column in found] == [0] * 5


def test_no_words_and_no_boxes_find_nothing(stage):
    found = stage.run([picture(40, 50)], [NO_WORDS], [boxes()])
    assert len(found.masks[0]) == 0


def test_boxes_alone_are_asked_for_without_words(stage, segmenter):
    image, shown = picture(80, 100), boxes([10, 10, 40, 50], [50, 20, 90, 70], positive=[True, 0])
    [[wanted]] = segmenter.find(
        [image], [[ConceptPrompt(segmenter.without_words, shown)]], 0.3, 0.5
    )
    found = stage.run([image], [NO_WORDS], [shown])
    torch.testing.assert_close(found.scores[0].values, wanted.scores)
    assert {one.text for one in found.phrases[0].items} == {"visual"}


def test_boxes_change_what_words_find_and_their_sign_matters(stage):
    image, query = picture(80, 100), query_of("chair")
    rows = [10, 10, 40, 50]
    results = [
        stage.run([image], [query], [some]).presence[0].values[0]
        for some in (boxes(), boxes(rows), boxes(rows, positive=[False]))
    ]
    assert len({round(float(one), 4) for one in results}) == 3
    plain = stage.run([image], [query])
    torch.testing.assert_close(results[0], plain.presence[0].values[0])


def test_boxes_are_clipped_to_the_image(stage):
    image, query = picture(80, 100), query_of("chair")
    beyond = stage.run([image], [query], [boxes([60, 50, 180, 300])])
    inside = stage.run([image], [query], [boxes([60, 50, 100, 80])])
    assert torch.equal(beyond.scores[0].values, inside.scores[0].values)


@pytest.mark.parametrize("row", [[120, 10, 150, 60], [10, -60, 50, -5], [100, 80, 110, 90]])
def test_a_box_outside_the_image_is_refused(stage, row):
    with pytest.raises(InputError, match=r"lies outside of the image, which is 100x80"):
        stage.run([picture(80, 100)], [query_of("chair")], [boxes([1, 1, 9, 9], row)])


def test_a_box_is_about_its_own_phrase_only(stage):
    image, rows = picture(80, 100), ([10, 10, 40, 50], [50, 20, 90, 70])
    words = query_of("cup", "chair")
    both = stage.run([image], [words], [boxes(*rows, about=[1, 0])])
    alone = [
        stage.run([image], [query_of(text)], [boxes(row)])
        for text, row in (("cup", rows[1]), ("chair", rows[0]))
    ]
    torch.testing.assert_close(
        both.scores[0].values, torch.cat([one.scores[0].values for one in alone])
    )
