"""Points as run lengths: what goes in comes out, and what does not fit is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openseg.io.point_runs import decode_points, encode_points
from openseg.types.errors import InputError


@given(st.lists(st.booleans(), max_size=60))
def test_points_come_back(inside):
    points = np.flatnonzero(np.array(inside, dtype=bool))
    assert decode_points(encode_points(points), len(inside)).tolist() == points.tolist()


def test_runs_count_what_is_skipped_and_taken():
    assert encode_points(np.array([2, 3, 4, 9])) == [2, 3, 4, 1]
    assert encode_points(np.array([0, 1])) == [0, 2]
    assert encode_points(np.zeros(0, dtype=np.int64)) == []


@pytest.mark.parametrize("runs", [[0, 6], [3], [-1, 2]])
def test_runs_of_another_cloud_are_refused(runs):
    with pytest.raises(InputError, match="5 points"):
        decode_points(runs, 5)
