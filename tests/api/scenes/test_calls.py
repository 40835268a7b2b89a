"""A method called on scenes: what a result says, and what is said of faulty scenes."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from openseg.io.scenes.layout import read_scene
from openseg.types.errors import InputError, UserError
from tests.scene_toys import BOUNDS, points_of
from tests.scenes import POSES, recording


def test_a_result_names_the_points_the_boxes_and_the_views(method, box_room):
    result = method(scene=box_room, text="mat; box")
    positions = read_scene(box_room).cloud().positions.numpy()
    assert result.phrases == ["mat", "box"]
    assert result.class_ids == [0, 1]
    assert result.scores.tolist() == pytest.approx([0.6, 0.9])
    for row, name in enumerate(result.phrases):
        points = points_of(name, positions)
        assert np.flatnonzero(result.masks[row].numpy()).tolist() == points.tolist()
        low, high = positions[points].min(axis=0), positions[points].max(axis=0)
        assert result.boxes[row].tolist() == pytest.approx([*low, *high])
        assert (low >= BOUNDS[name][0] - 1e-4).all()
    for views in result.views:
        weights = [one.weight for one in views]
        assert weights == sorted(weights, reverse=True)
        assert {one.frame for one in views} <= {"0", "10", "20", "30", "40"}
    assert "'mat' 0.600" in str(result.trace[0])


def test_a_list_of_scenes_gives_a_list(method, box_room):
    results = method(scene=[box_room, read_scene(box_room)], text="box")
    assert [one.phrases for one in results] == [["box"], ["box"]]


def test_nothing_found_is_a_result(method, box_room):
    result = method(scene=box_room, text="ghost")
    assert (len(result), result.views, result.boxes.shape) == (0, [], (0, 6))
    assert result.overlay().size[0] > 0


def test_the_picture_shows_the_objects_from_above(method, box_room):
    shown = np.asarray(method(scene=box_room, text="box;mat").overlay()).astype(int)
    hidden = np.asarray(method(scene=box_room, text="ghost").overlay()).astype(int)
    assert shown.shape == hidden.shape
    changed = np.abs(shown - hidden).max(axis=2) > 20
    rows, columns = np.nonzero(changed)
    height, width = changed.shape
    assert 0.02 < changed.mean() < 0.3
    assert height * 0.2 < rows.min()  # the objects stand on the floor, which is below
    assert columns.max() < width * 0.75


@pytest.fixture
def copied(box_room, tmp_path):
    return shutil.copytree(box_room, tmp_path / box_room.name)


def spoil_pose(folder, change):
    path = folder / "pose/20.txt"
    np.savetxt(path, change(np.loadtxt(path)))


FAULTS = {
    "not finite": lambda folder: spoil_pose(folder, lambda pose: np.full((4, 4), -np.inf)),
    "mirrored": lambda folder: spoil_pose(folder, lambda pose: pose @ np.diag([-1.0, 1, 1, 1])),
    "no such file": lambda folder: (folder / "depth/20.png").unlink(),
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_bad_frame_is_named_and_the_others_are_used(method, copied, said):
    FAULTS[said](copied)
    result = method(scene=copied, text="box")
    [problem] = result.problems
    assert said in problem.what
    assert "20" in problem.where
    assert "20" not in {one.frame for one in result.views[0]}
    assert len(result.views[0]) == 4


def test_depth_in_the_wrong_unit_is_named(method, tmp_path):
    from tests.io.scenes.writers import scannet, write_depth

    made = recording()
    folder = scannet(tmp_path / "scene0000_00", made)
    for i, depth in enumerate(made.depths):
        write_depth(folder / f"depth/{10 * i}.png", depth, 1)
    [problem] = method(scene=folder, text="box").problems
    assert "median depth is not that of a room" in problem.what


def test_a_cloud_in_other_coordinates_is_named(method, tmp_path):
    from tests.io.scenes.writers import scannet

    made = recording()
    made.points = made.points + np.array([100.0, 0, 0])
    problems = method(scene=scannet(tmp_path / "scene0000_00", made), text="box").problems
    assert any("other coordinates" in one.fix for one in problems)


def test_an_empty_cloud_is_an_error_that_names_the_file(method, copied):
    path = copied / f"{copied.name}_vh_clean_2.ply"
    path.write_bytes(b"ply\nformat ascii 1.0\nelement vertex 0\nproperty float x\nend_header\n")
    with pytest.raises(InputError, match="empty") as caught:
        method(scene=copied, text="box")
    assert path.name in caught.value.where


def test_a_scene_is_refused_by_a_method_on_images_and_the_other_way_round(method, box_room, room):
    import openseg

    with pytest.raises(UserError, match="takes no scene"):
        openseg.load("grounded_sam")(scene=box_room, text="box")
    with pytest.raises(UserError, match="--scene"):
        method(room, text="box")


def test_one_frame_is_enough(method, tmp_path):
    from tests.io.scenes.writers import scannet

    result = method(scene=scannet(tmp_path / "scene0000_00", recording(1)), text="box")
    assert len(result) == 1
    assert any("only one frame" in one.what for one in result.problems)


def test_only_what_is_asked_for_is_decoded(method, box_room, monkeypatch):
    """Two thousand frames must not lie in memory: the check reads three, the toy stage depth."""
    from openseg.types.scenes import frame_files

    read = []
    whole = frame_files.read_color
    monkeypatch.setattr(frame_files, "read_color", lambda path: read.append(path) or whole(path))
    assert len(method(scene=box_room, text="box").frames) == len(POSES)
    assert read == []
