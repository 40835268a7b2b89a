"""Methods on scenes scored end to end: numbers reckoned by hand, true masks, the oracle's steps."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from openseg.io.scenes.layout import read_scene
from openseg.types.errors import UserError
from openseg_evals.report.write import write_reports
from openseg_evals.run.benchmark import Benchmark
from openseg_evals.run.evaluate import evaluate
from openseg_evals.run.request import EvalRequest, Shard
from openseg_evals.run.scene_inputs import labelled_points
from openseg_evals.score.registry import score
from tests.scene_toys import (
    box_room,
    points_of,
    scene_stages,
    write_given_method,
    write_scene_method,
    write_two_step_method,
    write_weak_method,
)

__all__ = ["box_room", "scene_stages"]

LABELS = {"box": 26, "mat": 140}
"""ScanNet200's ids."""

WALL = 1
SCENES = ("scene0000_00", "scene0001_00")


@pytest.fixture
def data(box_room, tmp_path, scene_stages):
    """ScanNet's files of two rooms that are the same."""
    root = tmp_path / "data/scannet"
    positions = read_scene(box_room).cloud().positions.numpy()
    ids = np.full(len(positions), WALL * 1000 + 1)
    for name, label in LABELS.items():
        ids[points_of(name, positions)] = label * 1000 + 1
    (root / "instance_gt").mkdir(parents=True)
    for scene in SCENES:
        home = shutil.copytree(box_room, root / "scans" / scene)
        (home / f"{box_room.name}_vh_clean_2.ply").rename(home / f"{scene}_vh_clean_2.ply")
        np.savetxt(root / f"instance_gt/{scene}.txt", ids, fmt="%d")
    (root / "scannetv2_val.txt").write_text("".join(f"{one}\n" for one in SCENES))
    rows = ["id\traw_category\tnyu40id", "26\tbox\t29", "140\tmat\t20", "1\twall\t1"]
    (root / "scannetv2-labels.combined.tsv").write_text("\n".join(rows))
    return tmp_path / "data"


def benchmark(kind="instances", labelled="0", proposals="", **changes) -> Benchmark:
    options = {"labels": "scannet200", "classes": "listed", "truth": "instance_gt", "task": kind}
    options |= {"labelled": labelled, "proposals": proposals}
    return Benchmark.model_validate(
        {
            "name": "toy-rooms",
            "about": "Two rooms.",
            "dataset": {"use": "scannet", "folder": "scannet", "options": options},
            "task": f"scene_{kind}",
            "metric": f"scannet_{kind}",
            "main": "AP" if kind == "instances" else "mIoU",
            "best": 1,
            **changes,
        }
    )


def run(data, methods, given=None, **request):
    usual = {"out": data.parent / "out", "data": data, "device": "cpu"}
    return evaluate(
        given or benchmark(), EvalRequest(pipelines=tuple(methods), **{**usual, **request})
    )


def numbers(evaluation, name):
    metrics = evaluation.results["pipelines"][name]["metrics"]
    return {key: one["value"] for key, one in metrics.items()}


def test_numbers_are_those_reckoned_by_hand(data, tmp_path):
    """A third of the mat is missed: its IoU of 0.67 holds at 4 of 9 thresholds, 0.5 to 0.65."""
    whole = write_scene_method(tmp_path, "whole")
    part = write_scene_method(tmp_path, "part", missed=0.33)
    found = run(data, [whole, part])
    assert numbers(found, "whole") == {"AP": 1, "AP50": 1, "AP25": 1}
    expected = {"AP": (1 + 4 / 9) / 2, "AP50": 1, "AP25": 1}
    assert numbers(found, "part") == pytest.approx(expected)
    assert found.results["units"] == 2
    assert found.results["conventions"]["labels"] == "scannet200"


def test_predictions_are_a_submission_that_scores_alone(data, tmp_path):
    found = run(data, [write_scene_method(tmp_path, "part", missed=0.33)])
    folder = found.predictions["part"].path
    lines = (folder / f"{SCENES[0]}.txt").read_text().splitlines()
    assert lines == [
        f"predicted_masks/{SCENES[0]}_000.txt 26 0.900000",
        f"predicted_masks/{SCENES[0]}_001.txt 140 0.600000",
    ]
    alone = score(
        "scannet_instances", data / "scannet/instance_gt", folder, {"labels": "scannet200"}
    )
    assert alone["AP"] == pytest.approx(numbers(found, "part")["AP"])


def test_labels_of_points_are_scored(data, tmp_path):
    """The third of the mat that is missed costs that much; the wall is asked for and not found."""
    found = run(data, [write_scene_method(tmp_path, "part", missed=0.33)], benchmark("semantics"))
    positions = read_scene(data / "scannet/scans" / SCENES[0]).cloud().positions.numpy()
    mat = len(points_of("mat", positions))
    kept = (mat - int(0.33 * mat)) / mat
    assert numbers(found, "part")["mIoU"] == pytest.approx((1 + kept + 0) / 3)


def test_the_oracle_says_what_each_stage_costs(data, tmp_path):
    one = write_scene_method(tmp_path, "one", missed=0.33)
    two = write_two_step_method(tmp_path, "two", missed=0.33)
    found = run(data, [one, two], oracle=True).results["pipelines"]
    assert found["one"]["oracle_labels"] == {
        "score": "perfect score (find)",
        "grounding": "perfect text grounding (find)",
    }
    assert found["one"]["oracle"] == pytest.approx({"score": (1 + 4 / 9) / 2, "grounding": 1})
    assert found["two"]["oracle_labels"] == {
        "score": "perfect score (name)",
        "proposals": "perfect proposals (propose)",
    }
    assert found["two"]["oracle"] == pytest.approx({"score": 4 / 9, "proposals": 1})


def test_with_true_masks_a_method_only_says_what_each_object_is(data, tmp_path):
    two = write_two_step_method(tmp_path, "two", missed=0.6)
    assert numbers(run(data, [two]), "two")["AP"] == 0
    given = benchmark(given=["proposals"])
    found = run(data, [two], given, out=tmp_path / "given")
    assert numbers(found, "two") == {"AP": 1, "AP50": 1, "AP25": 1}
    with pytest.raises(UserError, match="the method has no place for"):
        run(data, [write_scene_method(tmp_path)], given, out=tmp_path / "other")


def test_methods_that_start_from_labelled_points_are_told_some(data, tmp_path):
    weak = write_weak_method(tmp_path)
    with pytest.raises(UserError, match="tells no labelled points"):
        run(data, [weak])
    found = run(data, [weak], benchmark(labelled="3"), oracle=True)
    assert numbers(found, "toy_weak") == {"AP": 1, "AP50": 1, "AP25": 1}
    assert found.results["pipelines"]["toy_weak"]["oracle"] == {}  # labels are truth already
    [sample, _] = found.samples
    told = labelled_points(sample, len(read_scene(sample.scene).cloud()))
    assert told.sizes.tolist() == [3, 3]
    for row, target in enumerate(sample.targets()):
        assert set(told.of(row).tolist()) <= set(target.vertices.tolist())


def test_proposals_are_read_from_files_or_are_the_true_masks(data, tmp_path):
    method = write_given_method(tmp_path)
    with pytest.raises(UserError, match="no proposals for the method to name"):
        run(data, [method])
    with pytest.raises(UserError, match=f"has no proposals of {SCENES[0]}"):
        run(data, [method], benchmark(proposals="nowhere"))
    folder = data / "scannet/mask3d"
    folder.mkdir()
    for scene in SCENES:
        positions = read_scene(data / "scannet/scans" / scene).cloud().positions.numpy()
        masks = np.zeros((len(positions), 1), dtype=bool)
        masks[points_of("box", positions)] = True
        np.savez(folder / f"{scene}.npz", masks=masks, scores=np.array([0.5]))
    given = run(data, [method], benchmark(proposals="mask3d"), oracle=True)
    assert numbers(given, "toy_given")["AP50"] == pytest.approx(0.5)  # the box and not the mat
    assert given.results["pipelines"]["toy_given"]["oracle"] == pytest.approx(
        {"score": 0.5, "proposals": 1}
    )
    true = run(data, [method], benchmark(given=["proposals"]), out=tmp_path / "true")
    assert numbers(true, "toy_given")["AP50"] == 1


def test_a_scene_on_which_a_method_fails_is_empty_and_noted(data, tmp_path):
    scene = data / "scannet/scans" / SCENES[1]
    shutil.rmtree(scene / "color")
    found = run(data, [write_scene_method(tmp_path, "whole")])
    assert found.results["pipelines"]["whole"]["failed"] == 1
    assert (found.predictions["whole"].path / f"{SCENES[1]}.txt").read_text() == ""
    assert numbers(found, "whole")["AP50"] == pytest.approx(0.5)


def test_shards_join_to_what_one_run_gives(data, tmp_path):
    methods = [write_scene_method(tmp_path, "part", missed=0.33)]
    whole = run(data, methods, out=tmp_path / "whole")
    for number in (1, 2):
        run(data, methods, out=tmp_path / "parts", shard=Shard(number, 2))
    joined = run(data, methods, out=tmp_path / "parts")
    assert joined.results["pipelines"] == whole.results["pipelines"]


def test_the_report_shows_scenes(data, tmp_path):
    found = run(data, [write_scene_method(tmp_path, "part", missed=0.33)])
    write_reports(found)
    page = (found.folder / "report.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 2
    assert "box, mat" in page


def test_methods_that_do_not_fit_are_refused_before_anything_runs(data, tmp_path):
    with pytest.raises(UserError, match="frames, a cloud and words, not 'image'"):
        run(data, ["grounded_sam"])
    images = {"task": "referring", "metric": "referring", "main": "mIoU", "best": 100}
    dataset = {"use": "refcoco", "folder": "scannet", "options": {}}
    with pytest.raises(UserError, match="an image, words and templates, not 'frames'"):
        run(data, [write_scene_method(tmp_path)], benchmark(**images, dataset=dataset))


def test_what_was_asked_is_part_of_what_an_evaluation_is(data, tmp_path):
    found = run(data, [write_scene_method(tmp_path, "whole")], limit=1)
    identity = json.loads((found.folder / "eval.json").read_text())["identity"]
    assert identity["limit"] == 1
    assert found.results["samples"] == 1
    assert found.results["samples_in_all"] == 2
