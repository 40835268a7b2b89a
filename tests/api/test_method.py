"""The Python API: calling methods, what results say, what mistakes are answered with."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

import openseg
from openseg.models.store import ModelStore
from openseg.types.errors import InputError, MethodError, MissingWeightsError, UserError


@pytest.fixture(scope="module")
def grounded_sam():
    return openseg.load("grounded_sam")


@pytest.fixture(scope="module")
def picture(room):
    with Pillow.open(room) as image:
        return image.convert("RGB")


def test_every_way_to_give_an_image_gives_the_same(grounded_sam, room, picture):
    array = np.asarray(picture)
    results = [
        grounded_sam(one, text="purple ball")
        for one in (room, str(room), picture, array, room.read_bytes())
    ]
    assert len(results[0]) > 0
    for other in results[1:]:
        assert torch.equal(results[0].masks, other.masks)
        assert torch.equal(results[0].scores, other.scores)


def test_a_list_is_a_batch_and_gives_what_single_calls_give(grounded_sam, picture):
    images = [picture, picture.resize((320, 200)), picture.rotate(90, expand=True)]
    for alone, together in zip(
        [grounded_sam(image, text="chair; lamp") for image in images],
        grounded_sam(images, text="chair; lamp"),
        strict=True,
    ):
        assert together.phrases == alone.phrases
        assert torch.allclose(together.boxes, alone.boxes, atol=0.1)
        assert (together.masks != alone.masks).float().mean() < 1e-3 if len(alone) else True


def test_columns_of_a_result_are_aligned(grounded_sam, room):
    result = grounded_sam(room, text="purple ball; chair; lamp")
    n = len(result)
    assert result.masks.shape == (n, *result.image.size)
    assert result.boxes.shape == (n, 4)
    assert result.scores.shape == (n,)
    assert len(result.phrases) == len(result.class_ids) == len(result.trace) == n
    assert set(result.phrases) <= {"purple ball", "chair", "lamp"}
    assert result.scores.tolist() == sorted(result.scores.tolist(), reverse=True)


def test_the_trace_of_a_mask_leads_back_to_the_words(grounded_sam, room):
    result = grounded_sam(room, text="purple ball")
    evidence = result.trace[0]
    assert (evidence.node, evidence.row) == ("segment", 0)
    detect = next(part for part in evidence.because if part.node == "detect")
    assert detect.row == 0
    assert detect.facts["phrases"] == "'purple ball'"
    assert float(detect.facts["scores"]) == pytest.approx(float(result.scores[0]), abs=1e-3)
    assert "detect[0] (propose.detect)" in str(evidence)


def test_the_trace_follows_rows_through_a_selection(room):
    result = openseg.load("clip_ranked_masks")(room, text="chair; lamp")
    for row, evidence in enumerate(result.trace):
        chosen = int(
            next(iter(v for s, v in result.values.items() if str(s) == "choose.rows")).index[row]
        )
        propose = next(part for part in evidence.because if part.node == "propose")
        assert propose.row == chosen


def test_some_regions_are_taken_with_their_evidence(grounded_sam, room):
    whole = grounded_sam(room, text="purple ball; chair; lamp")
    rows = [len(whole) - 1, 0]
    some = whole.take(rows)
    assert torch.equal(some.masks, whole.masks[rows])
    assert torch.equal(some.boxes, whole.boxes[rows])
    assert some.scores.tolist() == whole.scores[rows].tolist()
    assert some.phrases == [whole.phrases[row] for row in rows]
    assert some.trace == [whole.trace[row] for row in rows]
    assert some.take([1]).trace == [whole.trace[0]]
    assert len(some.to_coco()["annotations"]) == len(some.to_labelme()["shapes"]) == 2
    assert len(whole.take([])) == 0


def test_methods_of_one_store_share_its_models():
    store = ModelStore()
    first = openseg.load("grounded_sam", models=store)
    other = openseg.load("box_to_mask", models=store)
    assert first.models.load("sam") is other.models.load("sam")


def test_results_export(grounded_sam, room):
    result = grounded_sam(room, text="purple ball; chair")
    coco = result.to_coco()
    assert len(coco["annotations"]) == len(result)
    assert len(result.to_labelme()["shapes"]) == len(result)
    assert result._repr_png_().startswith(b"\x89PNG")
    detections = result.to_supervision()
    assert len(detections) == len(result)
    assert np.array_equal(detections.mask, result.masks.numpy())


def test_points_and_boxes_give_masks_that_contain_and_fill_them(room):
    """The green lamp fills the box, and the point is on the purple ball."""
    result = openseg.load("box_to_mask")(room, boxes=[[160, 220, 258, 382]], points=[[476, 276]])
    assert len(result) == 2
    assert result.phrases == ["", ""]
    lamp, ball = result.masks
    assert lamp[220:382, 160:258].sum() > 0.9 * lamp.sum() > 0
    assert ball[276, 476]


def test_settings_change_the_method(room):
    strict = openseg.load("grounded_sam", settings=["detect.box_threshold=1.0"])
    assert len(strict(room, text="purple ball")) == 0


def test_a_cache_folder_answers_the_second_call(room, tmp_path):
    first = openseg.load("grounded_sam", cache=tmp_path)(room, text="purple ball")
    again = openseg.load("grounded_sam", cache=tmp_path)
    again.models.load = None  # answering from the cache must not need a model
    assert torch.equal(again(room, text="purple ball").masks, first.masks)


@pytest.mark.parametrize(
    ("call", "error", "named"),
    [
        (lambda m, room: m(room), UserError, "needs a text"),
        (lambda m, room: m(room, text=" "), InputError, "nothing to look for"),
        (lambda m, room: m("missing.jpg", text="cup"), InputError, "missing.jpg"),
        (lambda m, room: m(room, text="cup", boxes=[[0, 0, 9, 9]]), UserError, "takes no boxes"),
        (lambda m, room: m(room, text="cup", depth=1), UserError, "no input 'depth'"),
        (lambda m, room: m(room, text="word " * 600), InputError, "word"),
    ],
)
def test_mistakes_are_named(grounded_sam, room, call, error, named):
    with pytest.raises(error, match=named):
        call(grounded_sam, room)


def test_a_box_that_is_none_is_named(room):
    with pytest.raises(UserError, match="box 0"):
        openseg.load("box_to_mask")(room, boxes=[[30, 30, 10, 40]])


def test_an_unknown_method_is_answered_with_the_closest():
    with pytest.raises(MethodError, match="grounded_sam"):
        openseg.load("grounded_sma")


def test_weights_that_are_not_here_are_named(tmp_path):
    with pytest.raises(MissingWeightsError, match="grounding-dino"):
        openseg.load("grounded_sam", weights=tmp_path)
