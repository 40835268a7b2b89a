"""Every shipped method on scenes runs from its YAML to objects, in Python and as a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import openseg
from openseg.api.scenes.inputs import takes_scenes
from openseg.api.scenes.reading import read_record_cloud, rows_of_points, scene_records
from openseg.graph.loader import load, pipeline_names
from openseg.models.store import ModelStore
from openseg.types import Frames, PointCloud, TextQuery
from tests.scene_toys import box_room

__all__ = ["box_room"]


def on_scenes() -> list[str]:
    """Methods that need nothing but a scene and words."""
    models = ModelStore()
    graphs = [load(name, models) for name in pipeline_names()]
    simple = {Frames, PointCloud, TextQuery}
    return [one.name for one in graphs if takes_scenes(one) and set(one.inputs.values()) <= simple]


@pytest.mark.parametrize("name", on_scenes())
def test_the_method_runs(name, box_room):
    result = openseg.load(name, device="cpu")(scene=box_room, text="box; chair; lamp")
    found = result.instances
    assert found.total == len(result.need_cloud()) > 0
    assert len(result.phrases) == len(result.scores) == len(result.boxes) == len(result)
    assert set(result.phrases) <= {"box", "chair", "lamp"}
    frames = set(result.frames.names)
    assert all(view.frame in frames for views in result.views for view in views)
    assert len(result.trace) == len(result)
    assert result.overlay().size[0] > 0


@pytest.fixture
def command(tmp_path):
    """Runs `openseg run` in an empty folder."""

    def call(*arguments):
        command = [sys.executable, "-m", "openseg.cli", "run", *map(str, arguments)]
        environment = {**os.environ, "OPENSEG_CACHE": str(tmp_path / "cache")}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return call


def test_the_command_line_leaves_a_run_folder(command, box_room, tmp_path):
    done = command("lift_only", "--scene", box_room, "--text", "box;chair", "--json", "--out", "o")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    [record] = scene_records(tmp_path / "o")
    assert (summary["samples"], summary["failed"]) == (1, 0)
    assert summary["regions"] == len(record.instances)
    assert len(rows_of_points(record)) == len(read_record_cloud(tmp_path / "o", record))
    for path in ("overlay/{}.png", "ply/{}.ply", "scannet/{}.txt", "gltf/{}.glb"):
        assert (tmp_path / "o" / path.format(record.id)).is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--image FILE or --scene DIR"),
        (["--scene", "nowhere", "--text", "box"], "no such folder"),
        (["--scene", ".", "--image", "x.png", "--text", "box"], "choose --image or --scene"),
        (["--scene", ".", "--text", "box", "--box", "1,2,3,4"], "for images, not scenes"),
        (["--image", "x.png", "--text", "box", "--objects", "l.csv"], "for scenes, not images"),
        (["--scene", ".", "--text", "box", "--format", "coco"], "use gltf, overlay, ply, scannet"),
    ],
)
def test_mistakes_are_answered_in_one_line(command, arguments, said):
    done = command("lift_only", *arguments)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert said in line
