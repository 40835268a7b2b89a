"""The box room, made once."""

from __future__ import annotations

import numpy as np
import pytest

from tests.scenes import recording

KINECTS = {
    "7-scenes": ((480, 640), np.array([[585.0, 0, 320], [0, 585, 240], [0, 0, 1]])),
    "tum": ((480, 640), np.array([[525.0, 0, 319.5], [0, 525, 239.5], [0, 0, 1]])),
}
"""Data sets that come without intrinsics: their cameras are known."""


@pytest.fixture
def made():
    return recording()


@pytest.fixture(scope="session")
def made_for():
    """The room as a layout's own camera sees it."""
    return {name: recording(size=size, k=k) for name, (size, k) in KINECTS.items()}
