"""Every layout gives the same room: the same poses, depths, pixels and cloud, whatever its axes."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from openseg.io.scenes.layout import LAYOUTS, read_scene
from openseg.ops import geometry
from openseg.types.errors import InputError
from tests.io.scenes.writers import (
    WRITERS,
    scannet,
    write_cloud,
    write_color,
    write_depth,
    write_matrix,
)
from tests.scenes import K, cloud, recording, texture


def test_every_layout_is_tried_here():
    assert len(WRITERS) == len(LAYOUTS)


@pytest.mark.parametrize("layout", WRITERS)
def test_a_scene_is_read_as_it_was_written(layout, tmp_path, made, made_for):
    truth = made_for.get(layout, made)
    folder = tmp_path / "room0"
    folder.mkdir()
    scene = read_scene(WRITERS[layout](folder, truth))
    assert (scene.name, scene.layout, scene.faults) == ("room0", layout, ())
    assert len(scene.frames) == len(truth.poses)
    for frame, (pose, depth, color) in zip(scene.frames, truth.shots(), strict=True):
        torch.testing.assert_close(
            frame.camera.pose, torch.tensor(pose, dtype=torch.float32), atol=2e-6, rtol=0
        )
        torch.testing.assert_close(frame.camera.k, torch.tensor(truth.k, dtype=torch.float32))
        torch.testing.assert_close(frame.depth_camera.k, frame.camera.k)
        assert frame.camera.size == frame.depth_camera.size == truth.size
        assert np.abs(frame.depth().numpy() - depth).max() < 6e-4
        pixels = frame.image().pixels.permute(1, 2, 0).numpy()
        assert np.abs(pixels.astype(int) - color).mean() < 3
    assert np.abs(scene.cloud().positions.numpy() - truth.points).max() < 1e-6


@pytest.mark.parametrize("layout", WRITERS)
def test_what_is_read_puts_the_cloud_where_the_frames_see_it(layout, tmp_path, made, made_for):
    """Unprojected pixels lie on the room's surfaces and have the texture of the place."""
    folder = tmp_path / "room0"
    folder.mkdir()
    scene = read_scene(WRITERS[layout](folder, made_for.get(layout, made)))
    frame = scene.frames[1]
    points, pixels = geometry.unproject(frame.depth(), frame.depth_camera)
    colors = frame.image().pixels.flatten(1).T[pixels].numpy()
    assert np.abs(texture(points.numpy()).astype(int) - colors).mean() < 3


def test_depth_of_another_size_gets_intrinsics_of_its_own(tmp_path, made):
    # The middle of 128 columns lies at 63.5, that of 64 at 31.5.
    half = np.array([[50.0, 0, 31.5], [0, 50, 23.5], [0, 0, 1]])
    small = recording(size=(48, 64), k=half)
    folder = scannet(tmp_path / "mixed", made)
    for i, depth in enumerate(small.depths):
        write_depth(folder / f"depth/{10 * i}.png", depth, 1000)
    frame = read_scene(folder).frames[2]
    assert (frame.camera.size, frame.depth_camera.size) == ((96, 128), (48, 64))
    torch.testing.assert_close(frame.depth_camera.k, torch.tensor(half, dtype=torch.float32))
    assert np.abs(frame.depth().numpy() - small.depths[2]).max() < 6e-4


def test_scannets_own_depth_intrinsics_are_used(tmp_path, made):
    folder = scannet(tmp_path / "own", made)
    write_matrix(folder / "intrinsic/intrinsic_depth.txt", np.diag([90.0, 91, 1]) + _middle())
    frame = read_scene(folder).frames[0]
    assert frame.depth_camera.k[0, 0] == 90
    assert frame.camera.k[0, 0] == 100


def _middle():
    return np.array([[0, 0, 60.0], [0, 0, 50], [0, 0, 0]])


def test_scannet_pictures_made_smaller_keep_their_view(tmp_path, made):
    """The intrinsics stay those of the sensor, 1296x968, when pictures are made smaller."""
    folder = scannet(tmp_path / "small", made)
    sensor = np.array([[1170.0, 0, 647.5], [0, 1170, 483.5], [0, 0, 1]])
    write_matrix(folder / "intrinsic/intrinsic_color.txt", sensor)
    k = read_scene(folder).frames[0].camera.k
    assert k[0, 0].item() == pytest.approx(1170 * 128 / 1296)
    assert k[0, 2].item() == pytest.approx(648 * 128 / 1296 - 0.5)
    (folder / "small.txt").write_text("colorHeight = 484\ncolorWidth = 648\naxisAlignment = 1 0\n")
    assert read_scene(folder).frames[0].camera.k[0, 0].item() == pytest.approx(1170 * 128 / 648)


def test_frames_come_in_the_order_people_count(tmp_path, made):
    assert read_scene(scannet(tmp_path / "s", made)).frames.names == ("0", "10", "20", "30", "40")


def test_a_sequence_of_7_scenes_is_a_scene_too(tmp_path, made_for):
    folder = WRITERS["7-scenes"](tmp_path / "chess", made_for["7-scenes"])
    assert read_scene(folder).frames.names[0] == "seq-01/frame-000000"
    assert read_scene(folder / "seq-01").frames.names[0] == "frame-000000"


def test_7_scenes_marks_missing_depth_by_65535(tmp_path, made_for):
    folder = WRITERS["7-scenes"](tmp_path / "chess", made_for["7-scenes"])
    stored = np.full((480, 640), 1500, np.uint16)
    stored[:100] = 65535
    write_depth(folder / "seq-01/frame-000000.depth.png", stored, 1)
    depth = read_scene(folder).frames[0].depth()
    assert depth[:100].max() == 0
    assert depth[100:].unique().tolist() == [1.5]


def test_tum_knows_its_three_cameras(tmp_path, made_for):
    folder = tmp_path / "rgbd_dataset_freiburg3_long_office"
    folder.mkdir()
    frames = read_scene(WRITERS["tum"](folder, made_for["tum"])).frames
    assert frames.color_k[0, 0, 0].item() == pytest.approx(535.4)


def test_a_nerfstudio_frame_can_have_its_own_camera(tmp_path, made):
    folder = WRITERS["nerfstudio"](tmp_path / "phone", made)
    path = folder / "transforms.json"
    given = json.loads(path.read_text())
    given["frames"][1].update(fl_x=200.0, fl_y=200.0, w=256, h=192, cx=128.0, cy=96.0)
    given["frames"][2]["file_path"] = "images/frame_00002"  # synthetic scenes leave .png out
    path.write_text(json.dumps(given))
    frames = read_scene(path).frames
    torch.testing.assert_close(frames.color_k[1], torch.tensor(K, dtype=torch.float32))
    assert frames.names[2] == "images/frame_00002"


def test_a_declaration_can_lie_elsewhere_and_say_other_axes(tmp_path, made):
    folder = WRITERS["posed-rgbd"](tmp_path / "own", made)
    inverted = [np.linalg.inv(pose @ np.diag([1.0, -1, -1, 1])) for pose in made.poses]
    np.savetxt(folder / "poses.txt", np.reshape(inverted, (5, 16)))
    said = (folder / "scene.yaml").read_text()
    said = said.replace("trajectory.log", "poses.txt\ndirection: world-to-camera\naxes: opengl")
    for name in ("photos", "range", "poses.txt"):
        said = said.replace(f": {name}", f": {folder / name}")
    other = tmp_path / "elsewhere.yaml"
    other.write_text(said)
    poses = read_scene(other).frames.poses.numpy()
    assert np.abs(poses - np.array(made.poses)).max() < 1e-6


def test_poses_can_be_a_folder_of_matrices(tmp_path, made):
    folder = WRITERS["posed-rgbd"](tmp_path / "own", made)
    for i, pose in enumerate(made.poses):
        write_matrix(folder / f"poses/pose_{i:02d}.txt", pose)
    path = folder / "scene.yaml"
    path.write_text(path.read_text().replace("trajectory.log", "poses"))
    assert np.abs(read_scene(folder).frames.poses.numpy() - np.array(made.poses)).max() < 1e-6


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("depth_scale: 4000\n", "", "depth has no unit"),
        ("depth_scale: 4000", "depth_scale: -1", "depth_scale: .*greater than 0"),
        ("poses:", "poes:", "poes: extra inputs are not permitted"),
        ("color: photos", "color: pictures", "has no pictures"),
        ("color: photos", "color: [photos", "is not YAML"),
    ],
)
def test_a_wrong_declaration_is_answered_by_name(before, after, message, tmp_path, made):
    folder = WRITERS["posed-rgbd"](tmp_path / "own", made)
    path = folder / "scene.yaml"
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(InputError, match=message):
        read_scene(folder)


def test_a_folder_of_no_known_layout_says_what_is_looked_for(tmp_path):
    write_color(tmp_path / "holiday.jpg", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(InputError, match=r"holds holiday.jpg.*scene.yaml.*color/, depth/, pose/"):
        read_scene(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_scene(tmp_path / "missing")


def test_a_scannet_scene_without_frames_says_how_to_export_them(tmp_path):
    folder = tmp_path / "scene0000_00"
    folder.mkdir()
    write_cloud(folder / "scene0000_00_vh_clean_2.ply", cloud())
    with pytest.raises(InputError, match="SensReader"):
        read_scene(folder)
