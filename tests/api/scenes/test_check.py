"""A scene is judged before any model runs: right scenes pass, each common mistake is named."""

from __future__ import annotations

import re

import numpy as np
import PIL.Image
import pytest

from openseg.api.scenes.agreement_picture import draw
from openseg.api.scenes.check import check_scene
from tests.io.scenes.writers import WRITERS, scannet, write_cloud, write_depth, write_matrix
from tests.scenes import POSES, look_at, recording

OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])


@pytest.fixture
def made():
    return recording()


def turned(points):
    """The room for a program whose y axis points up."""
    return points[:, [0, 2, 1]] * [1, 1, -1]


def test_a_right_scene_has_no_problems(tmp_path, made):
    found = check_scene(scannet(tmp_path / "room", made))
    assert (found.ok, found.frames, found.left_out) == (True, 5, 0)
    assert found.points == len(made.points)
    assert found.share > 0.99
    assert [view.frame for view in found.views] == ["0", "20", "40"]
    for view in found.views:
        assert view.measured == view.on_surface + view.in_front + view.hidden
        assert 1 < view.median_depth < 3


def test_a_scene_without_cloud_is_judged_by_its_own_frames(tmp_path, made):
    folder = scannet(tmp_path / "room", made)
    (folder / "room_vh_clean_2.ply").unlink()
    found = check_scene(folder)
    assert (found.ok, found.points) == (True, 0)
    assert found.share > 0.9


def rewrite_depth(scale):
    def spoil(folder, made):
        for i, depth in enumerate(made.depths):
            write_depth(folder / f"depth/{10 * i}.png", depth, scale)

    return spoil


def rewrite_poses(change):
    def spoil(folder, made):
        for i, pose in enumerate(made.poses):
            write_matrix(folder / f"pose/{10 * i}.txt", change(pose))

    return spoil


def rewrite_cloud(change):
    return lambda folder, made: write_cloud(folder / "room_vh_clean_2.ply", change(made.points))


def shorter_focal_length(folder, made):
    k = np.array([[50.0, 0, 63.5], [0, 50, 47.5], [0, 0, 1]])
    write_matrix(folder / "intrinsic/intrinsic_color.txt", k)


def depth_in_metres(folder, made):
    for i, depth in enumerate(made.depths):
        path = folder / f"depth/{10 * i}.png"
        path.unlink()
        PIL.Image.fromarray(depth.astype(np.float32)).save(path.with_suffix(".tiff"))


def moved(points):
    return points + np.array([0.4, -0.6, 0.3])


MISTAKES = {
    "depth in metres": (depth_in_metres, "depth is 1000 times too small"),
    "TUM's depth": (rewrite_depth(5000), "depth is 5 times too large"),
    "Replica's depth": (rewrite_depth(6553.5), "depth is 6.55 times too large"),
    "inverted poses": (rewrite_poses(np.linalg.inv), "world to the camera"),
    "OpenGL axes": (rewrite_poses(lambda pose: pose @ OPENGL), "cameras have OpenGL axes"),
    "both": (
        rewrite_poses(lambda pose: np.linalg.inv(pose @ OPENGL)),
        "world to cameras with OpenGL axes",
    ),
    "y up": (rewrite_cloud(turned), "the cloud has y up, the poses z up"),
    "elsewhere": (rewrite_cloud(lambda points: points + 100), "no point of the cloud falls into"),
    "moved": (rewrite_cloud(moved), "only .*% of the points"),
    "focal length": (shorter_focal_length, "only .*% of the points"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_fix(name, tmp_path, made):
    spoil, message = MISTAKES[name]
    folder = scannet(tmp_path / "room", made)
    spoil(folder, made)
    found = check_scene(folder)
    (problem,) = found.problems
    assert re.search(message, problem.what)
    assert problem.fix
    assert problem.where == "room"
    assert found.frames == 5


def test_depth_in_another_unit_is_noticed_without_a_cloud(tmp_path, made):
    folder = WRITERS["posed-rgbd"](tmp_path / "own", made)
    (folder / "cloud.ply").unlink()
    path = folder / "scene.yaml"
    path.write_text(path.read_text().replace("depth_scale: 4000", "depth_scale: 4"))
    (problem,) = check_scene(folder).problems
    assert "the median depth is not that of a room" in problem.what
    assert "multiply" in problem.fix


def test_faults_of_several_frames_are_one_problem(tmp_path, made):
    folder = scannet(tmp_path / "room", made)
    for i in (0, 3):
        write_matrix(folder / f"pose/{10 * i}.txt", np.full((4, 4), -np.inf))
    found = check_scene(folder)
    (problem,) = found.problems
    assert problem.where == "room, frames 0, 30"
    assert (found.frames, found.left_out, found.ok) == (3, 2, False)
    assert found.share > 0.99


def test_one_frame_is_not_enough(tmp_path):
    found = check_scene(scannet(tmp_path / "room", recording(count=1)))
    (problem,) = found.problems
    assert "only one frame" in problem.what
    assert (found.frames, found.share > 0.99) == (1, True)


def test_an_empty_cloud_is_named_and_the_frames_judged_without_it(tmp_path, made):
    folder = scannet(tmp_path / "room", made)
    write_cloud(folder / "room_vh_clean_2.ply", np.zeros((0, 3)))
    found = check_scene(folder)
    (problem,) = found.problems
    assert problem.what == "the cloud is empty"
    assert found.share > 0.9


def test_frames_without_any_depth_leave_nothing_to_compare(tmp_path, made):
    folder = scannet(tmp_path / "room", made)
    for path in (folder / "depth").glob("*"):
        path.unlink()
    found = check_scene(folder)
    (problem,) = found.problems
    assert (problem.where, problem.what) == ("room, frames 0, 10, 20, 30, 40", "has no depth")
    assert (found.frames, found.share) == (5, None)


def test_an_empty_depth_map_is_named(tmp_path, made):
    made.depths[2][:] = 0
    (problem,) = check_scene(scannet(tmp_path / "room", made)).problems
    assert (problem.where, problem.what) == ("room, frame 20", "the depth map is empty")


def test_long_lists_of_frames_are_cut(tmp_path, made):
    poses = [look_at(POSES[0][:3, 3], (2, 2, 1 + i / 20)) for i in range(12)]
    made.poses = [pose * [-1, 1, 1, 1] for pose in poses]
    made.depths, made.colors = made.depths[:1] * 12, made.colors[:1] * 12
    problem = check_scene(scannet(tmp_path / "room", made)).problems[0]
    assert problem.where == "room, frames 0, 10, 20, 30, 40, 50, 60, 70 and 4 more"
    assert "mirrored" in problem.what


def test_a_picture_shows_where_points_lie(tmp_path, made):
    folder = scannet(tmp_path / "room", made)
    probe = check_scene(folder).probes[0]
    right = draw(probe)
    assert right.shape == (96, 128, 3)
    green, red = tinted(right)
    assert green > 1000
    assert red < 20
    write_cloud(folder / "room_vh_clean_2.ply", look_through(made.points, made.poses[0]))
    wrong = draw(check_scene(folder).probes[0])
    green, red = tinted(wrong)
    assert red > 1000
    assert green < 0.02 * red  # what the box hid lies in front of the wall now


def tinted(picture):
    """How many pixels are green and how many red; the picture itself is grey."""
    red, green, blue = picture.astype(int).transpose(2, 0, 1)
    return (green > np.maximum(red, blue)).sum(), (red > np.maximum(green, blue)).sum()


def look_through(points, pose):
    """The points half as far from a camera, in the same directions."""
    return pose[:3, 3] + 0.5 * (points - pose[:3, 3])
