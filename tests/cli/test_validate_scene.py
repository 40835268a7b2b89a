"""`openseg validate SCENE`: numbers, pictures, and a fault that is named."""

from __future__ import annotations

import json

import PIL.Image

from tests.io.scenes.writers import posed_rgbd, scannet
from tests.scenes import recording


def test_a_good_scene_is_measured_and_drawn(cli, tmp_path):
    folder = scannet(tmp_path / "room", recording())
    done = cli("validate", folder, "--pictures", tmp_path / "drawn")
    assert done.returncode == 0, done.stderr
    assert "within 5 cm" in done.stdout
    assert "no faults found" in done.stdout
    drawn = list((tmp_path / "drawn").glob("*.png"))
    assert len(drawn) == 3
    assert all(PIL.Image.open(one).size for one in drawn)


def test_a_scene_may_be_named_by_the_file_that_describes_it(cli, tmp_path):
    folder = posed_rgbd(tmp_path / "room", recording())
    for name in ("scene.yaml", "kitchen.yaml"):
        file = (folder / "scene.yaml").rename(folder / name)
        done = cli("validate", file)
        assert done.returncode == 0, done.stderr + done.stdout
        assert "within 5 cm" in done.stdout


def test_a_bad_pose_is_named(cli, tmp_path):
    folder = scannet(tmp_path / "room", recording())
    pose = sorted((folder / "pose").glob("*.txt"))[2]
    pose.write_text(pose.read_text().replace(pose.read_text().split()[0], "nan", 1))
    done = cli("validate", folder, "--json")
    assert done.returncode == 2
    found = json.loads(done.stdout)
    assert not found["ok"]
    assert any(pose.stem in f"{one['where']} {one['what']}" for one in found["problems"])
