"""ScanNet's files: values by hand, conventions, and broken files by place."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.types.errors import UserError
from openseg_evals.formats.scannet import read_integers
from openseg_evals.metrics.scenes.scannet_instances import SceneTable, count_scene
from openseg_evals.score.registry import score
from tests.parity.evals.cases_3d import scannet, write_integers

BED, CHAIR = 4, 5
IDS = np.repeat([0, 4001, 5001, 5002, 1001], [100, 200, 200, 50, 200])


def spans(*pairs):
    mask = np.zeros(len(IDS), bool)
    for start, stop in pairs:
        mask[start:stop] = True
    return mask


def average(predictions, **options):
    counts = count_scene(IDS, predictions, [BED, CHAIR], **options)
    names = {BED: "bed", CHAIR: "chair"} if not options else {1: "any"}
    return SceneTable([counts], names).scores(np.array([1]))


def test_a_perfect_answer_and_none():
    exact = [(BED, 0.5, spans((100, 300))), (CHAIR, 0.5, spans((300, 500)))]
    assert average(exact)["AP"] == 1
    assert average([])["AP"] == 0
    assert average(exact, by_class=False)["AP"] == 1


def test_no_truth_is_none_not_a_number():
    counts = count_scene(np.zeros(300, np.int64), [(BED, 1.0, np.ones(300, bool))], [BED])
    assert SceneTable([counts], {BED: "bed"}).scores(np.array([1]))["AP"] is None


def test_an_iou_of_exactly_the_threshold_does_not_match():
    half = [(BED, 0.5, spans((100, 200)))]  # IoU 0.5
    assert average(half)["per_class"]["bed"] == {"AP": 0, "AP50": 0, "AP25": 1}


def test_void_and_small_truth_excuse_a_prediction_and_the_wrong_class_does_not():
    right = (CHAIR, 0.5, spans((300, 500)))
    excused = (CHAIR, 0.9, spans((500, 750)))  # a chair of 50 vertices, and void
    false = (CHAIR, 0.9, spans((100, 300)))
    assert average([right, excused])["per_class"]["chair"]["AP"] == 1
    # one right answer below one false: precision 1/2 at recall 1, 0 at 0, then the last point
    assert average([right, false])["per_class"]["chair"]["AP"] == pytest.approx(0.25)


def test_a_mask_below_100_vertices_is_no_prediction():
    tiny = (BED, 0.9, spans((100, 199)))
    assert average([tiny, (BED, 0.5, spans((100, 300)))])["per_class"]["bed"]["AP"] == 1


@pytest.mark.parametrize("text", ["0\n1\n", "0\n1", "00\n12\n", "-1\n+7\n", "0\r\n12\r\n"])
def test_integers_are_those_python_reads(tmp_path, text):
    file = tmp_path / "a.txt"
    file.write_bytes(text.encode())
    assert read_integers(file).tolist() == [int(one) for one in text.split()]


@pytest.fixture
def files(tmp_path):
    scannet(tmp_path, [3, 4, 5, 6, 7, 8, 9])
    return tmp_path


def refused(files, message, **options):
    with pytest.raises(UserError, match=message):
        score("scannet_instances", files / "truth", files / "predictions", options)


def test_a_broken_mask_is_named_by_file_and_line(files):
    mask = files / "predictions/pred_mask/0_0.txt"
    whole = mask.read_text().splitlines()
    mask.write_text("\n".join([*whole[:2], "x", *whole[3:]]))
    refused(files, "0_0.txt:3: 'x' is not an integer")
    write_integers(mask, [1, 0, 1])
    refused(files, "has 3 lines, the truth has 6000 vertices")
    mask.write_text("")
    refused(files, "0_0.txt: is empty")
    mask.unlink()
    refused(files, "0_0.txt: no such file")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.txt 3", "scene0.txt:1: has 2 fields"),
        ("a.txt 3 nan", "scene0.txt:1: 'nan' is not a number"),
        ("../truth/scene0.txt 3 1", "is outside the folder"),
    ],
)
def test_a_broken_line_is_named(files, line, message):
    (files / "predictions/scene0.txt").write_text(line + "\n")
    refused(files, message)


def test_missing_scenes_are_refused_unless_chosen(files):
    (files / "predictions/scene0.txt").unlink()
    refused(files, "1 of 5 scenes are missing: scene0.txt")
    folders = files / "truth", files / "predictions"
    skipped = score("scannet_instances", *folders, {"missing": "skip"})
    empty = score("scannet_instances", *folders, {"missing": "empty"})
    assert (skipped["scenes"], empty["scenes"]) == (4, 5)
    assert empty["AP"] < skipped["AP"]


def test_a_prediction_without_truth_is_refused(files):
    (files / "truth/scene1.txt").unlink()
    refused(files, "1 scenes have no truth: scene1.txt")
