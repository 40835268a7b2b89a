"""Fixtures every room's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

import openseg


@pytest.fixture(scope="session")
def room() -> Path:
    """The shipped sample image."""
    return next((Path(openseg.__file__).parent / "mini" / "samples").glob("room.*"))
