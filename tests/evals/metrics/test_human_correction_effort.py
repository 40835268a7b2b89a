"""Clicks on shapes for which they can be counted by hand."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from openseg.types.errors import MissingExtraError
from openseg_evals.metrics.human_correction_effort import correction_effort, hce

pytest.importorskip("cv2")
pytest.importorskip("skimage")


def canvas(*boxes, size=(100, 120)):
    mask = np.zeros(size, bool)
    for top, bottom, left, right in boxes:
        mask[top:bottom, left:right] = True
    return mask


OBJECT = (20, 80, 20, 80)


def test_nothing_wrong_costs_nothing():
    for mask in (canvas(), canvas(OBJECT), ~canvas(), canvas((3, 4, 5, 6))):
        assert correction_effort(mask, mask) == 0


def test_a_region_that_only_has_to_go_costs_one_click():
    extra = (30, 60, 90, 115)
    assert correction_effort(canvas(OBJECT), canvas(OBJECT, extra)) == 1
    assert correction_effort(canvas(), canvas(extra)) == 1
    assert correction_effort(canvas(), canvas(extra, (70, 90, 90, 110))) == 2


def test_a_hole_to_fill_costs_one_click():
    hole = canvas(OBJECT) & ~canvas((40, 60, 40, 60))
    assert correction_effort(canvas(OBJECT), hole) == 1


def test_a_lost_object_costs_its_corners():
    # the relaxation cuts the square's corners off: eight, and the end of the line, left open
    assert correction_effort(canvas(OBJECT), canvas()) == 9
    assert correction_effort(canvas(OBJECT), canvas(), relaxation=0) == 5


def test_what_is_thin_is_forgiven_unless_it_is_a_part_of_the_object():
    rim = canvas((17, 83, 17, 83))
    assert correction_effort(canvas(OBJECT), rim) == 0
    assert correction_effort(rim, canvas(OBJECT)) == 0
    leg = canvas(OBJECT, (50, 52, 80, 115))
    assert correction_effort(canvas(OBJECT), leg) == 0  # invented
    assert correction_effort(leg, canvas(OBJECT)) > 0  # lost


def test_hce_is_the_mean():
    assert hce(np.array([3, 0, 9])) == {"HCE": 4}
    assert hce(np.array([], np.int64)) == {"HCE": None}


def test_a_large_mask_takes_seconds():
    rows, columns = np.ogrid[:2000, :2000]
    disc = (rows - 1000) ** 2 + (columns - 1000) ** 2 < 900**2
    blocks = np.kron(np.random.default_rng(0).random((50, 50)) < 0.5, np.ones((40, 40), bool))
    start = time.perf_counter()
    assert correction_effort(disc, disc ^ blocks) > 0
    assert time.perf_counter() - start < 30  # 3 s on a machine of its own


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.morphology", None)
    with pytest.raises(MissingExtraError, match=r"skimage.*pip install 'openseg\[evals\]'"):
        correction_effort(canvas(OBJECT), canvas())
