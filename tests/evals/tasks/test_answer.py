"""What counts as a method's answer, and what is refused before it reaches a file."""

from __future__ import annotations

import pytest
import torch

from openseg.graph.loader import load
from openseg.models.store import ModelStore
from openseg.types import Boxes, Masks, Phrase, Phrases, Scores
from openseg.types.errors import StageError, UserError
from openseg_evals.run.contestants import contestants
from openseg_evals.run.media import medium_of
from openseg_evals.tasks.answer import answer_of, check_answers
from tests.evals.tasks.drawn import sample


def masks(n, height=4, width=6):
    return Masks(torch.ones(n, height, width, dtype=torch.bool))


def words(*classes):
    return Phrases(tuple(Phrase("cup", one, (0, 3)) for one in classes))


def test_columns_are_found_by_their_types():
    outputs = {
        "b": Boxes(torch.zeros(2, 4)),
        "m": masks(2),
        "other": masks(3),
        "s": Scores(torch.tensor([0.1, 0.2])),
        "p": words(1, 0),
    }
    found = answer_of(outputs, sample(phrases=("cup", "cap")))
    assert (len(found), found.classes) == (2, (1, 0))
    assert found.scores.tolist() == pytest.approx([0.1, 0.2])


def test_masks_alone_are_an_answer():
    found = answer_of({"m": masks(2)}, sample())
    assert (found.scores.tolist(), found.classes) == ([1, 1], (0, 0))
    assert len(answer_of({"m": masks(0), "p": words()}, sample())) == 0


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"m": masks(2), "s": Scores(torch.ones(3))}, "2 masks, 3 scores and 2 phrases"),
        ({"m": masks(2), "p": words(0)}, "2 masks, 2 scores and 1 phrases"),
        ({"m": masks(1, 6, 4)}, "the masks are 4x6, the image is 6x4"),
        ({"m": masks(1), "p": words(1)}, "class 1 is none of the 1 of the query"),
        ({"m": masks(1), "p": words(-1)}, "class -1 is none"),
    ],
)
def test_what_does_not_belong_together_is_no_answer(outputs, said):
    with pytest.raises(StageError, match=said):
        answer_of(outputs, sample())


def test_phrases_of_one_class_count_once():
    two = sample(phrases=("cup", "mug", "cap"), class_ids=(7, 7, 9))
    assert answer_of({"m": masks(1), "p": words(1)}, two).classes == (1,)
    with pytest.raises(StageError, match="class 2 is none of the 2"):
        answer_of({"m": masks(1), "p": words(2)}, two)


NO_MASKS = """
name: boxes_only
inputs: {image: Image, query: TextQuery}
models: {detector: grounding-dino}
nodes:
  detect: {use: propose.detect, in: {image: image, query: query}}
outputs: {boxes: detect.boxes, scores: detect.scores}
"""


def test_methods_that_cannot_be_scored_are_refused_before_weights_are_loaded(tmp_path):
    path, store = tmp_path / "boxes_only.yaml", ModelStore()
    path.write_text(NO_MASKS)
    with pytest.raises(UserError) as refused:
        check_answers(load(str(path), store))
    assert "boxes_only: a benchmark of masks needs a method with an output of type Masks" in str(
        refused.value
    )
    assert "boxes (Boxes), scores (Scores)" in refused.value.fix
    with pytest.raises(
        UserError, match=r"gives an image, words and templates, not 'boxes' \(Boxes\)"
    ):
        contestants(["box_to_mask"], store, medium_of("referring").check, oracle=False)
    with pytest.raises(UserError, match="openseg fetch"):
        contestants(
            ["grounded_sam"], ModelStore("base"), medium_of("referring").check, oracle=False
        )
    assert not store._resident
