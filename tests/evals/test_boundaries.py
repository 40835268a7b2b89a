"""Boundary bands against erosion by hand."""

from __future__ import annotations

import numpy as np

from openseg_evals.boundaries import band_width, mask_boundary, segment_boundaries


def eroded(mask, reach):
    padded = np.pad(mask, reach)
    height, width = mask.shape
    window = range(2 * reach + 1)
    return np.all([padded[y : y + height, x : x + width] for y in window for x in window], axis=0)


def test_the_band_is_the_mask_minus_its_erosion():
    random = np.random.default_rng(0)
    for size in ((40, 30), (120, 200), (1, 50)):
        mask = random.random(size) < 0.97
        expected = mask & ~eroded(mask, band_width(*size))
        assert (mask_boundary(mask) == expected).all()


def test_widths_round_half_to_even_and_never_vanish():
    assert band_width(3, 4) == 1
    assert band_width(75, 100) == 2  # 2.5 pixels
    assert band_width(480, 640) == 16


def test_all_segments_at_once_are_the_segments_one_by_one():
    random = np.random.default_rng(1)
    labels = np.kron(random.integers(0, 4, (6, 8)), np.ones((20, 20), np.int64))
    together = segment_boundaries(labels)
    for label in range(4):
        alone = mask_boundary(labels == label)
        assert (together[labels == label] == alone[labels == label]).all()


def test_an_empty_mask_has_no_boundary():
    assert not mask_boundary(np.zeros((5, 5), bool)).any()
