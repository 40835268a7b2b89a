"""A scan of a real room, where the machine has one: five frames of a PrimeSense camera."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openseg.api.scenes.check import check_scene
from openseg.io.scenes.layout import read_scene
from openseg.io.scenes.posed_rgbd import EXAMPLE

# Beside the checkout, on machines that keep test data from elsewhere.
SCAN = Path(__file__).parents[4] / "shared" / "data" / "rgbd"
pytestmark = pytest.mark.skipif(not SCAN.is_dir(), reason=f"no scan in {SCAN}")


@pytest.fixture
def declared(tmp_path):
    said = EXAMPLE
    for name in ("color", "depth", "trajectory.log"):
        said = said.replace(f": {name}\n", f": {SCAN / name}\n")
    path = tmp_path / "scene.yaml"
    path.write_text(said)
    return path


def test_its_frames_are_read(declared):
    scene = read_scene(declared)
    assert (len(scene.frames), scene.faults) == (5, ())
    depth = scene.frames[0].depth()
    assert 0.5 < depth[depth > 0].min() < depth.max() < 5
    assert scene.frames[4].image().size == (480, 640)


def test_its_frames_agree(declared):
    found = check_scene(declared)
    assert found.ok
    assert found.share > 0.97


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("depth_scale: 1000", "depth_scale: 1", "median depth .* 1861 m"),
        ("depth_scale: 1000", "depth_scale: 5000", "depth is 5 times too small"),
        ("poses:", "axes: opengl\nposes:", "OpenGL axes"),
        ("poses:", "direction: world-to-camera\nposes:", "world to the camera"),
    ],
)
def test_a_wrong_declaration_is_noticed(before, after, message, declared):
    declared.write_text(declared.read_text().replace(before, after))
    (problem,) = check_scene(declared).problems
    assert re.search(message, problem.what)
