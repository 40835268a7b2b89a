"""Our averaging of COCO's matches against pycocotools' own, number by number."""

from __future__ import annotations

import contextlib
import io
from types import SimpleNamespace

import numpy as np
import pytest
from pycocotools.cocoeval import COCOeval, Params

from openseg_evals.tallies.average_precision import AveragePrecision
from openseg_evals.tallies.matches import ImageMatches, collect

CLASSES, IMAGES, THRESHOLDS, AREAS = 3, 7, 10, 4


def random_matches(seed, *, ties):
    """What pycocotools' `evaluateImg` gives, by category, area and image."""
    rng = np.random.default_rng(seed)

    def image():
        if rng.random() < 0.3:
            return None
        found = int(rng.integers(0, 15))
        scores = np.sort(rng.random(found))[::-1]
        return {
            "dtScores": np.round(scores, 1) if ties else scores,
            "dtMatches": (rng.random((THRESHOLDS, found)) < 0.5).astype(float),
            "dtIgnore": rng.random((THRESHOLDS, found)) < rng.choice([0, 0.3]),
            "gtIgnore": (rng.random(rng.integers(0, 6)) < 0.3).astype(int),
        }

    return [[image() for _ in range(IMAGES)] for _ in range(CLASSES * AREAS)]


def official(lists, rows):
    """`COCOeval.accumulate` on the images of the rows."""
    params = Params(iouType="segm")
    params.catIds, params.imgIds = list(range(CLASSES)), list(range(len(rows)))
    evaluation = COCOeval()
    evaluation.params = evaluation._paramsEval = params
    evaluation.evalImgs = [one[row] for one in lists for row in rows]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.accumulate()
    precision = evaluation.eval["precision"][..., -1]
    recall = evaluation.eval["recall"]
    return SimpleNamespace(
        precision=np.where(precision < 0, np.nan, precision).mean(axis=1).transpose(1, 2, 0),
        recall=np.where(recall < 0, np.nan, recall).transpose(3, 1, 2, 0),
    )


def ours(lists, rows):
    groups = [
        [
            ImageMatches(
                number,
                one["dtScores"],
                one["dtMatches"] > 0,
                one["dtIgnore"],
                int((one["gtIgnore"] == 0).sum()),
            )
            for number, one in enumerate(images)
            if one is not None
        ]
        for images in lists
    ]
    average = AveragePrecision(collect(groups, THRESHOLDS))
    weights = np.bincount(rows, minlength=IMAGES)
    shape = CLASSES, AREAS, THRESHOLDS
    return SimpleNamespace(
        precision=average.precision(weights).reshape(shape),
        recall=np.array([average.recall(weights, most).reshape(shape) for most in (1, 10, 100)]),
    )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("ties", "rows"),
    [
        (True, range(IMAGES)),
        (True, [1, 2, 5]),
        (True, [3]),
        (False, [0, 0, 0, 1, 4, 4, 6]),
        (False, [2, 2]),
    ],
)
def test_any_images_are_averaged_as_pycocotools_does(seed, ties, rows):
    lists, rows = random_matches(seed, ties=ties), np.array(rows)
    mine, theirs = ours(lists, rows), official(lists, rows)
    np.testing.assert_allclose(mine.precision, theirs.precision, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(mine.recall, theirs.recall)


def test_nothing_found_is_zero_and_no_truth_is_undefined():
    empty = np.zeros((THRESHOLDS, 0), dtype=bool)
    blank = ImageMatches(0, np.zeros(0), empty, empty, 2)
    average = AveragePrecision(collect([[blank], []], THRESHOLDS))
    precision = average.precision(np.array([1]))
    assert (precision[0] == 0).all()
    assert np.isnan(precision[1]).all()
    assert np.isnan(average.precision(np.array([0]))).all()
