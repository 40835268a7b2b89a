"""Cases worth looking at: which units, in which order, and what the tints mean."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from openseg_evals import rle
from openseg_evals.report.gallery import MISSED, RIGHT, WRONG, compare, gallery
from openseg_evals.samples import Target
from tests.evals.tasks.drawn import sample


class Silent:
    """Predictions of nothing."""

    def regions(self, _sample):
        return []


def chosen(scores, *, higher_is_better=True):
    units = [{"unit": str(n), "scores": {"p": score}} for n, score in enumerate(scores)]
    samples = [sample(n) for n in range(len(scores))]
    groups = gallery("p", units, samples, Silent(), higher_is_better=higher_is_better)
    return {name: [case.score for case in cases] for name, cases in groups.items()}


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (0, (0, 0, 0)),
        (1, (1, 0, 0)),
        (2, (1, 0, 1)),
        (3, (1, 1, 1)),
        (4, (1, 1, 1)),
        (5, (1, 1, 1)),
        (7, (2, 2, 2)),
        (12, (4, 4, 4)),
        (100, (4, 4, 4)),
    ],
)
@pytest.mark.parametrize("higher", [True, False])
def test_groups_are_disjoint_and_in_order(count, sizes, higher):
    scores = list(np.random.default_rng(count).permutation(count).astype(float))
    groups = chosen(scores, higher_is_better=higher)
    assert tuple(len(groups[name]) for name in ("best", "median", "worst")) == sizes
    every = [score for group in groups.values() for score in group]
    assert len(set(every)) == len(every)
    ranked = sorted(scores, reverse=higher)
    assert groups["best"] == ranked[: sizes[0]]
    assert groups["worst"] == ranked[::-1][: sizes[2]]
    if count >= 3:
        around = [ranked.index(score) for score in groups["median"]]
        assert abs(np.mean(around) - (count - 1) / 2) <= 0.5


def test_units_without_a_score_are_not_shown():
    assert chosen([0.5, None, 0.7]) == {"best": [0.7], "median": [], "worst": [0.5]}


def test_tints_tell_right_missed_and_wrong():
    pixels = np.full((1, 5, 3), 200, dtype=np.uint8)
    truth = np.array([[0, 0, 1, -1, -1]])
    answer = np.array([[0, -1, 0, 0, -1]])
    tinted = np.asarray(compare(pixels, truth, answer)).astype(int)
    for column, colour in enumerate([RIGHT, MISSED, MISSED, WRONG, (200, 200, 200)]):
        distances = [abs(tinted[0, column] - c).sum() for c in (RIGHT, MISSED, WRONG)]
        if column == 4:
            assert tuple(tinted[0, 4]) == colour
        else:
            assert np.argmin(distances) == [RIGHT, MISSED, WRONG].index(colour)


def test_a_case_is_a_picture_with_its_words(tmp_path):
    Image.fromarray(np.full((40, 60, 3), 200, dtype=np.uint8)).save(tmp_path / "1.png")
    region = np.zeros((40, 60), dtype=bool)
    region[:20, :30] = True
    one = sample(1, size=(40, 60), phrases=("red " * 40,), truth=[(0, region)])
    object.__setattr__(one, "image", tmp_path / "1.png")

    class Found:
        def regions(self, _sample):
            return [Target(0, rle.encode(region))]

    groups = gallery(
        "p", [{"unit": "1", "scores": {"p": 1.0}}], [one], Found(), higher_is_better=True
    )
    [case] = groups["best"]
    assert case.asked.endswith("...")
    assert len(case.asked) <= 93
    assert case.source.startswith("data:image/jpeg;base64,")
    shown = np.asarray(Image.open(io.BytesIO(case.picture))).astype(int)
    assert shown.shape == (40, 60, 3)
    tint = 0.4 * 200 + 0.6 * np.array(RIGHT)
    assert abs(shown[5, 5] - tint).max() < 12  # a JPEG is not exact
    assert abs(shown[35, 55] - 200).max() < 12


def test_a_picture_that_is_gone_or_of_another_size_leaves_the_case(tmp_path):
    Image.fromarray(np.zeros((3, 3, 3), dtype=np.uint8)).save(tmp_path / "small.png")
    for name in ("gone.png", "small.png"):
        one = sample(1, size=(40, 60))
        object.__setattr__(one, "image", tmp_path / name)
        units = [{"unit": "1", "scores": {"p": 0.0}}]
        [case] = gallery("p", units, [one], Silent(), higher_is_better=True)["best"]
        assert case.picture == b""
