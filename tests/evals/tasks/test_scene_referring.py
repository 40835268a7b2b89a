"""The best object answers a sentence: its box in the scan's axes, by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from openseg_evals.score.registry import score
from openseg_evals.tasks.registry import find_task
from openseg_evals.tasks.scene_answer import SceneAnswer
from tests.evals.run.toys import lines
from tests.evals.tasks.drawn_scenes import POINTS, scene_answer, scene_sample

QUARTER = ((0.0, -1.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.0, 5.0), (0.0, 0.0, 0.0, 1.0))


def asked(folder, ann, axes=()):
    key = {"scene_id": "scene0001_00", "object_id": "3", "ann_id": str(ann)}
    return replace(scene_sample(folder, class_ids=(1,)), key=key, axes=axes)


def written(tmp_path, *pairs):
    file = find_task("scene_referring")(tmp_path, {})
    for one, found in pairs:
        file.write(one, found)
    file.finish()
    return file, lines(file.path)


def limits(line):
    corners = np.array(line["bbox"])
    assert len({tuple(one) for one in corners.tolist()}) == 8
    return [*corners.min(axis=0), *corners.max(axis=0)]


def test_the_box_is_that_of_the_best_object_in_the_scans_axes(tmp_path):
    """Point k of the toy cloud lies at (3k, 3k + 1, 3k + 2)."""
    answer = scene_answer(("##......", 0.2, 1), (".##.....", 0.7, 1), ("......##", 0.7, 1))
    _, [plain, turned] = written(
        tmp_path,
        (asked(tmp_path / "data", 1), answer),
        (asked(tmp_path / "data", 2, QUARTER), answer),
    )
    assert {k: plain[k] for k in ("scene_id", "object_id", "ann_id")} == {
        "scene_id": "scene0001_00",
        "object_id": "3",
        "ann_id": "1",
    }
    assert limits(plain) == [3, 4, 5, 6, 7, 8]  # of equals the first
    assert limits(turned) == [-7, 3, 10, -4, 6, 13]


def test_nothing_found_is_null(tmp_path):
    empty = SceneAnswer((np.zeros(0, np.int64),), (0.9,), (1,), POINTS)
    file, found = written(
        tmp_path,
        (asked(tmp_path / "data", 1), None),
        (asked(tmp_path / "data", 2), scene_answer()),
        (asked(tmp_path / "data", 3), empty),
    )
    assert [one["bbox"] for one in found] == [None] * 3
    assert file.regions(asked(tmp_path / "data", 1)) == []


def test_pictures_get_the_points_back(tmp_path):
    file, _ = written(
        tmp_path,
        (asked(tmp_path / "data", 1), scene_answer((".#.##...", 0.5, 1))),
        (asked(tmp_path / "data", 11), scene_answer(("#.......", 0.5, 1))),
    )
    [shown] = file.regions(asked(tmp_path / "data", 1))
    assert (shown.label, shown.vertices.tolist()) == (1, [1, 3, 4])


def test_a_broken_off_window_is_forgotten(tmp_path):
    file, _ = written(tmp_path, (asked(tmp_path / "data", 1), scene_answer(("##......", 0.5, 1))))
    whole, mark = file.path.read_bytes(), file.mark()
    file.write(asked(tmp_path / "data", 2), None)
    again = find_task("scene_referring")(tmp_path, {})
    again.back_to(mark)
    assert (again.path.read_bytes(), again.mark()) == (whole, 1)


def test_lines_score_as_by_hand(tmp_path):
    """Points 1 and 2 span 27 cubic metres; 1 to 3 span 216: an IoU of 1/8."""
    samples = [asked(tmp_path / "data", ann) for ann in (1, 2, 3)]
    right = scene_answer((".##.....", 0.5, 1))
    file, [true, *_] = written(
        tmp_path / "out",
        (samples[0], right),
        (samples[1], scene_answer((".###....", 0.5, 1))),
        (samples[2], None),
    )
    truth = tmp_path / "truth.jsonl"
    truth.write_text(
        "\n".join(
            json.dumps({**one.key, "class": "chair", "bbox": true["bbox"]}) for one in samples
        )
    )
    found = score("scanrefer", truth, file.path, {})
    assert found["Acc@0.25"] == found["Acc@0.5"] == found["unique"]["Acc@0.5"] == 1 / 3
