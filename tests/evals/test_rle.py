"""Set algebra on run lengths against the same algebra on whole masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openseg_evals import rle

SHAPES = st.tuples(st.integers(1, 7), st.integers(1, 9))


def mask_lists(most=4):
    def of(shape):
        bits = st.lists(st.booleans(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
        return st.lists(bits.map(lambda b: np.array(b).reshape(shape)), min_size=1, max_size=most)

    return SHAPES.flatmap(of)


@given(mask_lists())
def test_operations_agree_with_arrays(masks):
    encoded = [rle.encode(mask) for mask in masks]
    stack = np.stack(masks)
    first, last = masks[0], masks[-1]
    assert (rle.decode(rle.union(encoded)) == stack.any(0)).all()
    assert (rle.decode(rle.intersection(encoded)) == stack.all(0)).all()
    assert (rle.decode(rle.covered_once(encoded)) == (stack.sum(0) == 1)).all()
    assert (rle.decode(rle.complement(encoded[0])) == ~first).all()
    assert (rle.decode(rle.difference(encoded[0], encoded[-1])) == (first & ~last)).all()
    assert rle.overlap(encoded[0], encoded[-1]) == ((first & last).sum(), (first | last).sum())


@given(mask_lists(1))
def test_run_lengths_fill_the_image(masks):
    lengths = rle.runs(rle.encode(masks[0])["counts"])
    assert (lengths >= 0).all()
    assert lengths.sum() == masks[0].size
    column_wise = masks[0].ravel(order="F")
    assert (np.repeat(np.arange(len(lengths)) % 2 == 1, lengths) == column_wise).all()


def test_long_runs_and_an_empty_encoding():
    height, width = 3000, 5000
    encoded = rle.from_runs([1234567, 2345678, height * width - 1234567 - 2345678], height, width)
    assert rle.runs(encoded["counts"]).tolist() == [1234567, 2345678, 11419755]
    assert rle.runs(b"").tolist() == []


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_an_encoding_cut_inside_a_number_is_noticed(kept):
    counts = rle.from_runs([1234567, 1, 99], 1, 1234667)["counts"]
    assert rle.runs(counts[:kept])[-1] == -1
