"""The toy benchmark, ready to be run in a test's own folder."""

from __future__ import annotations

import pytest

from tests.evals.run.toys import toy_stages, write_data

__all__ = ["toy_stages"]


@pytest.fixture
def toys(tmp_path, toy_stages):
    """A folder with twelve questions about four pictures."""
    write_data(tmp_path / "data")
    return tmp_path
