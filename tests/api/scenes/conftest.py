"""A method on the box room, for all tests of scenes."""

from __future__ import annotations

import pytest

import openseg
from tests.scene_toys import box_room, scene_stages, write_scene_method

__all__ = ["box_room", "scene_stages"]


@pytest.fixture
def method(scene_stages, tmp_path):
    """Finds the box and the mat."""
    return openseg.load(write_scene_method(tmp_path / "methods"), device="cpu")
