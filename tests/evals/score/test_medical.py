"""`openseg score medical` on folders: labels, spacing, what is counted, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from openseg.types.errors import UserError
from openseg_evals.score.registry import score, tally
from tests.parity.evals.cases_dense import ellipse

SHAPE = (20, 24, 16)
ORGANS = ellipse(SHAPE, (8, 8, 8), (5, 6, 5)) * 1 + ellipse(SHAPE, (15, 18, 8), (3, 4, 5)) * 2


@pytest.fixture
def folders(tmp_path):
    """Three cases with spacing; the second lacks label 2, the third is predicted empty."""
    truths = [ORGANS, ORGANS * (ORGANS == 1), ORGANS]
    guesses = [np.roll(ORGANS, 2, 1), truths[1], ORGANS * 0]
    for name, room, arrays in (("gts", "truth", truths), ("segs", "pred", guesses)):
        (tmp_path / room).mkdir()
        for number, labels in enumerate(arrays):
            grid = {"spacing": np.array([1.0, 2.0, 3.0])}
            np.savez(tmp_path / room / f"c{number}.npz", **{name: labels}, **grid)
    return tmp_path / "truth", tmp_path / "pred"


def test_a_label_is_undefined_where_neither_holds_it(folders):
    scores = score("medical", *folders, {})
    assert scores["labels"][2]["cases"] == {"Dice": 2, "HD95": 1, "NSD": 2}
    assert scores["labels"][1]["cases"] == {"Dice": 3, "HD95": 2, "NSD": 3}
    per_label = [scores["labels"][one]["Dice"] for one in (1, 2)]
    assert scores["Dice"] == pytest.approx(np.mean(per_label))
    assert scores["cases"] == 3


def test_any_selection_of_cases_can_be_scored(folders):
    found = tally("medical", *folders, {})
    assert found.units == ["c0", "c1", "c2"]
    assert found.unit_scores[1:].tolist() == [1, 0]
    assert found.scores(np.array([1]))["Dice"] == 1
    assert found.scores(np.array([1, 1, 2, 2]))["labels"][1]["Dice"] == 0.5
    assert found.scores(np.array([], np.int64))["Dice"] is None


def test_labels_can_be_chosen_or_joined(folders):
    some = score("medical", *folders, {"labels": "2,7"})
    assert some["labels"][7]["Dice"] is None
    assert (
        some["Dice"]
        == some["labels"][2]["Dice"]
        == score("medical", *folders, {})["labels"][2]["Dice"]
    )
    joined = score("medical", *folders, {"labels": "any"})["labels"]
    moved = np.roll(ORGANS, 2, 1)
    first = 2 * ((ORGANS > 0) & (moved > 0)).sum() / (2 * (ORGANS > 0).sum())
    assert joined == {1: joined[1]}
    assert joined[1]["Dice"] == pytest.approx((first + 1 + 0) / 3)


def test_given_spacing_takes_the_place_of_the_files(folders):
    first = tally("medical", *folders, {"labels": "1"}).scores(np.array([0]))["HD95"]
    halved = {"labels": "1", "spacing": "0.5,1,1.5"}
    assert tally("medical", *folders, halved).scores(np.array([0]))["HD95"] == pytest.approx(
        first / 2
    )


def test_a_case_without_prediction(folders):
    (folders[1] / "c0.npz").unlink()
    with pytest.raises(UserError, match="1 of 3 predictions are missing: c0"):
        score("medical", *folders, {})
    assert tally("medical", *folders, {"missing": "empty"}).unit_scores[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": "-1"}, "tolerance is '-1'.*in mm"),
        ({"tolerance": "nan"}, "tolerance is 'nan'"),
        ({"tolerance": "1,2"}, "tolerance is '1,2'"),
        ({"tolerance": "x"}, "tolerance is 'x'"),
        ({"spacing": "1,1"}, "spacing has 2 numbers, the array has 3 axes"),
        ({"spacing": "1,nan,1"}, "spacing is 1, nan, 1"),
        ({"spacing": "1;1"}, "spacing is '1;1'"),
        ({"labels": "liver"}, "labels is 'liver'"),
        ({"labels": "0"}, "labels is '0'.*whole numbers from 1"),
        ({"hd95": "monia"}, "choose medpy or monai or surface_distance"),
    ],
)
def test_options_that_cannot_be_read(folders, options, message):
    with pytest.raises(UserError, match=message):
        score("medical", *folders, options)


def test_a_label_that_no_truth_has_is_a_mixed_up_label_space(folders):
    np.savez(folders[1] / "c1.npz", segs=ORGANS * 100)
    message = r"c1\.npz: holds labels 100, 200, the truth only 1, 2 \(--set labels=any"
    with pytest.raises(UserError, match=message):
        score("medical", *folders, {})


def test_a_prediction_of_another_size(folders):
    np.savez(folders[1] / "c1.npz", segs=ORGANS[:, :, 1:])
    with pytest.raises(UserError, match=r"c1\.npz: is 20 x 24 x 15, the truth is 20 x 24 x 16"):
        score("medical", *folders, {})


def test_slices_need_their_spacing_said(tmp_path):
    for room in ("truth", "pred"):
        (tmp_path / room).mkdir()
        Image.fromarray(ORGANS[8].astype(np.uint8) * 100).save(tmp_path / room / "a.png")
    folders = tmp_path / "truth", tmp_path / "pred"
    with pytest.raises(UserError, match=r"a\.png: does not say its spacing \(write --set spacing"):
        score("medical", *folders, {})
    assert score("medical", *folders, {"spacing": "1,1"})["HD95"] == 0
