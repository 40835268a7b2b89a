"""`openseg score hce` and `uscore` on folders of PNGs."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from openseg.types.errors import UserError
from openseg_evals.metrics.u_score import Costs, u_bench, u_score
from openseg_evals.score.registry import find_metric, score, tally
from tests.parity.evals import cases_dense

NETWORK = {"params": "34.5", "gflops": "65.5", "fps": "137"}


@pytest.fixture
def folders(tmp_path):
    pytest.importorskip("skimage")
    cases_dense.masks(tmp_path)
    return tmp_path / "truth", tmp_path / "predictions"


def save(path, array):
    Image.fromarray(array).save(path)


def test_hce_of_a_selection_is_its_mean(folders):
    found = tally("hce", *folders, {})
    clicks = found.unit_scores
    assert found.units[0] == "00_same"
    assert (clicks[0], clicks[10]) == (0, 1)
    rows = np.array([2, 2, 7])
    assert found.scores(rows) == {"HCE": clicks[rows].mean(), "images": 3}
    assert not find_metric("hce").higher_is_better


def test_a_mask_without_prediction_is_refused_or_empty(folders):
    expected = tally("hce", *folders, {}).unit_scores[7]  # its prediction is empty
    (folders[1] / "07_empty_prediction.png").unlink()
    with pytest.raises(UserError, match="1 of 17 predictions are missing: 07_empty_pred"):
        score("hce", *folders, {})
    assert tally("hce", *folders, {"missing": "empty"}).unit_scores[7] == expected


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.eye(9, dtype=np.uint8), "its highest value is 1.*write 8 bits, 0 and 255"),
        (np.full((9, 9), 65535, np.uint16), "its highest value is 65535"),
        (np.full((9, 9), 255, np.uint8), r"is 9 x 9 \(height x width\), the truth is 120 x 150"),
        (np.zeros((120, 150, 3), np.uint8), "has channels RGB"),
    ],
)
def test_masks_that_hce_cannot_mean(folders, array, message):
    save(folders[1] / "03_holes_true.png", array)
    with pytest.raises(UserError, match=rf"03_holes_true\.png: {message}"):
        score("hce", *folders, {})


def test_u_score_takes_the_mean_iou_of_the_masks(folders):
    found = tally("uscore", *folders, {"zoo": "busi", **NETWORK})
    truth, guess = (np.asarray(Image.open(one / "01_near.png")) > 0 for one in folders)
    assert found.unit_scores[1] == pytest.approx((truth & guess).sum() / (truth | guess).sum())
    assert found.unit_scores[8] == 0  # both empty, as torchmetrics' BinaryJaccardIndex has it
    expected = u_score(float(found.unit_scores.mean()), Costs(34.5, 65.5, 137), u_bench("busi"))
    assert found.scores() == pytest.approx({**expected, "images": 17})
    assert found.scores(np.array([], np.int64))["U-Score"] is None


def test_a_zoo_of_ones_own(folders, tmp_path):
    networks = [
        {"iou": 0.1 * n, "params": 2.0**n, "gflops": 3.0**n, "fps": 10.0 * n} for n in range(1, 12)
    ]
    (tmp_path / "zoo.json").write_text(json.dumps(networks))
    options = {"zoo": str(tmp_path / "zoo.json"), "params": "64", "gflops": "729", "fps": "60"}
    scores = score("uscore", *folders, options)
    assert scores["Eff"] == pytest.approx(0.5)  # the sixth of eleven in every respect


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"params": ""}, "params is not given"),
        ({"fps": "0"}, "fps is '0'"),
        ({"gflops": "inf"}, "gflops is 'inf'"),
        ({"gflops": "65 G"}, "gflops is '65 G'"),
        ({"zoo": ""}, "zoo is not given.*U-Bench has busi"),
        ({"zoo": "bussi"}, "no zoo 'bussi'.*did you mean 'busi'"),
    ],
)
def test_what_u_score_needs(folders, options, message):
    with pytest.raises(UserError, match=message):
        score("uscore", *folders, {"zoo": "busi", **NETWORK, **options})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"iou": 0.5, "params": 1, "gflops": 1, "fps": 1}', "holds 1 networks"),
        ('{"iou": 0.5, "params": 1, "gflops": 1}', r"zoo\.json:1: has no 'fps'"),
        ('{"iou": 0.5, "params": 0, "gflops": 1, "fps": 1}', r"zoo\.json:1: .*above 0"),
        ('{"iou": NaN, "params": 1, "gflops": 1, "fps": 1}', r"zoo\.json:1: holds NaN"),
    ],
)
def test_a_zoo_that_cannot_be_used(folders, tmp_path, text, message):
    (tmp_path / "zoo.json").write_text(text)
    with pytest.raises(UserError, match=message):
        score("uscore", *folders, {"zoo": str(tmp_path / "zoo.json"), **NETWORK})
