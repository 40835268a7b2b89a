"""A frame that cannot be used is named with the reason, and all others are read as if it were not.

These are the faults real recordings have.
"""

from __future__ import annotations

import numpy as np
import pytest

from openseg.io.scenes.layout import read_scene
from openseg.io.scenes.listing import closest_in_time, gaps
from openseg.types.errors import InputError
from tests.fuzzing import fuzz_files
from tests.io.scenes.writers import WRITERS, scannet, write_color, write_depth, write_matrix
from tests.soaking import times

SPOILED = "20"


def spoil_pose(change):
    def spoil(folder, made):
        write_matrix(folder / f"pose/{SPOILED}.txt", change(made.poses[2]))

    return spoil


def mirrored(pose):
    return pose @ np.diag([-1.0, 1, 1, 1])


def remove(path):
    return lambda folder, made: (folder / path).unlink()


def cut(path):
    def spoil(folder, made):
        whole = (folder / path).read_bytes()
        (folder / path).write_bytes(whole[: min(40, len(whole) // 2)])

    return spoil


def wide_depth(folder, made):
    write_depth(folder / f"depth/{SPOILED}.png", np.ones((90, 160)), 1000)


LEFT_OUT = {
    "lost tracking": (spoil_pose(lambda pose: np.full((4, 4), -np.inf)), "not finite"),
    "NaN": (spoil_pose(lambda pose: pose * np.nan), "not finite"),
    "mirrored": (spoil_pose(mirrored), "mirrored"),
    "scaled": (spoil_pose(lambda pose: pose * [1.2, 1.2, 1.2, 1]), "unit length at right angles"),
    "transposed": (spoil_pose(np.transpose), "last row"),
    "pose cut off": (cut(f"pose/{SPOILED}.txt"), "the pose 20.txt"),
    "pose missing": (remove(f"pose/{SPOILED}.txt"), "the pose 20.txt: no such file"),
    "colour missing": (remove(f"color/{SPOILED}.jpg"), "missing in the middle"),
    "colour damaged": (cut(f"color/{SPOILED}.jpg"), "the picture 20.jpg: cannot be read"),
    "other aspect": (wide_depth, "colour is 128x96, depth 160x90: not the same view"),
}
WITHOUT_DEPTH = {
    "depth missing": (remove(f"depth/{SPOILED}.png"), "the depth map 20.png: no such file"),
    "depth damaged": (cut(f"depth/{SPOILED}.png"), "the depth map 20.png: cannot be read"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_bad_frame_is_named_and_left_out(name, tmp_path, made):
    spoil, message = LEFT_OUT[name]
    folder = scannet(tmp_path / "room", made)
    spoil(folder, made)
    scene = read_scene(folder)
    assert scene.frames.names == ("0", "10", "30", "40")
    (fault,) = scene.faults
    assert (fault.frame, message in fault.what, bool(fault.fix)) == (SPOILED, True, True)
    assert np.abs(scene.frames[2].depth().numpy() - made.depths[3]).max() < 6e-4


@pytest.mark.parametrize("name", WITHOUT_DEPTH)
def test_a_frame_without_depth_is_named_and_kept_for_its_colour(name, tmp_path, made):
    spoil, message = WITHOUT_DEPTH[name]
    folder = scannet(tmp_path / "room", made)
    spoil(folder, made)
    scene = read_scene(folder)
    assert len(scene.frames) == 5
    (fault,) = scene.faults
    assert (fault.frame, message in fault.what) == (SPOILED, True)
    assert scene.frames[2].depth().abs().max() == 0
    assert scene.frames[2].image().size == (96, 128)


def test_a_scene_with_nothing_usable_says_why(tmp_path, made):
    made.poses = [mirrored(pose) for pose in made.poses]
    scene = read_scene(scannet(tmp_path / "room", made))
    assert len(scene.frames) == 0
    assert len(scene.faults) == 5
    with pytest.raises(InputError, match=r"room, frame 0: no frame can be used: .*mirrored"):
        scene.need_frames()


def test_intrinsics_for_another_picture_size_are_noticed(tmp_path, made):
    folder = scannet(tmp_path / "room", made)
    k = np.array([[500.0, 0, 319.5], [0, 500, 239.5], [0, 0, 1]])
    write_matrix(folder / "intrinsic/intrinsic_color.txt", k)
    faults = read_scene(folder).faults
    assert {fault.what for fault in faults} == {"the principal point 320, 240 lies outside 128x96"}


@pytest.mark.parametrize("layout", ["replica", "7-scenes", "tum", "arkitscenes", "nerfstudio"])
def test_a_picture_missing_in_the_middle_leaves_the_others(layout, tmp_path, made, made_for):
    folder = tmp_path / "room0"
    folder.mkdir()
    WRITERS[layout](folder, made_for.get(layout, made))
    pictures = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in {".jpg", ".png"} and "depth" not in str(path.relative_to(folder))
    )
    pictures[2].unlink()
    scene = read_scene(folder)
    kept = [0, 1, 3, 4]
    poses = np.array(made.poses)[kept]
    assert np.abs(scene.frames.poses.numpy() - poses).max() < 2e-6
    if layout != "arkitscenes":  # its names are times: nothing says that one is missing
        assert len(scene.faults) == 1


def test_a_trajectory_that_ends_early_keeps_the_frames_before(tmp_path, made):
    folder = WRITERS["replica"](_made(tmp_path / "room0"), made)
    lines = (folder / "traj.txt").read_text().splitlines()
    (folder / "traj.txt").write_text("\n".join(lines[:3]))
    scene = read_scene(folder)
    assert len(scene.frames) == 3
    assert [fault.frame for fault in scene.faults] == ["000003", "000004"]


@pytest.mark.parametrize(
    ("layout", "file", "message"),
    [
        ("replica", "traj.txt", "numbers, not 16"),
        ("tum", "groundtruth.txt", "numbers, not 8"),
        ("arkitscenes", "lowres_wide.traj", "numbers, not 7"),
        ("posed-rgbd", "trajectory.log", "not a trajectory"),
        ("nerfstudio", "transforms.json", "is not JSON"),
    ],
)
def test_a_file_cut_off_is_answered_with_its_place(layout, file, message, tmp_path, made, made_for):
    folder = WRITERS[layout](_made(tmp_path / "room0"), made_for.get(layout, made))
    whole = (folder / file).read_text()
    (folder / file).write_text(whole[: whole.rindex(" ")].rstrip())
    with pytest.raises(InputError, match=message) as caught:
        read_scene(folder)
    assert file in caught.value.where


def test_a_picture_whose_data_are_cut_off_is_answered_when_it_is_read(tmp_path, made):
    folder = scannet(tmp_path / "room", made)
    for path in (folder / "depth/0.png", folder / "color/0.jpg"):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    frame = read_scene(folder).frames[0]
    for read in (frame.depth, frame.image):
        with pytest.raises(InputError, match="cannot be read"):
            read()


def test_a_picture_that_changed_its_size_is_answered_when_it_is_read(tmp_path, made):
    folder = scannet(tmp_path / "room", made)
    frame = read_scene(folder).frames[0]
    write_color(folder / "color/0.jpg", np.zeros((10, 20, 3), np.uint8))
    with pytest.raises(InputError, match="the picture is 20x10, its camera is for 128x96"):
        frame.image()


def test_gaps_are_found_in_regular_sequences_only():
    assert [one.frame for one in gaps(["00", "01", "03", "04", "05"])] == ["02"]
    assert [one.frame for one in gaps(["f0", "f20", "f60", "f80", "f100"])] == ["f40"]
    assert gaps(["1", "5", "6", "11", "12", "19", "40"]) == []
    assert gaps(["a", "b", "c"]) == []
    assert gaps(["7"]) == []


def test_pairs_in_time_are_the_closest_and_used_once():
    assert closest_in_time([1.0, 2.0, 3.0], [2.01, 0.995, 2.005], 0.02) == {0: 1, 1: 2}
    assert closest_in_time([1.0, 1.01], [1.006], 0.02) == {1: 0}
    assert closest_in_time([], [1.0], 0.02) == {}


def _made(folder):
    folder.mkdir()
    return folder


@pytest.mark.parametrize("layout", WRITERS)
def test_broken_files_are_read_or_refused(layout, tmp_path, made, made_for):
    folder = tmp_path / "room0"
    folder.mkdir()
    root = WRITERS[layout](folder, made_for.get(layout, made))
    pictures = {".jpg", ".png"}
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix not in pictures]

    def read(_):
        scene = read_scene(root)
        if scene.cloud_path is not None:
            scene.cloud()

    fuzz_files(f"poses and clouds of {layout}", files, read, times(25, 300))
