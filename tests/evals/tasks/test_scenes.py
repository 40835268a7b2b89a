"""Answers about scenes in ScanNet's files: read back by the official reader, scored by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from openseg.types import Instances3D, Phrase, Phrases
from openseg.types.errors import StageError
from openseg_evals.formats.scannet import read_instances, read_integers
from openseg_evals.score.registry import score
from openseg_evals.tasks.registry import find_task
from openseg_evals.tasks.scene_answer import scene_answer_of
from tests.evals.tasks.drawn_scenes import POINTS, points, scene_answer, scene_sample


def instances(*rows: str, scores=None, classes=None) -> Instances3D:
    masks = np.array([[one == "#" for one in row] for row in rows]).reshape(-1, POINTS)
    words = [Phrase("", one, (0, 0)) for one in classes or [0] * len(rows)]
    return Instances3D.from_masks(
        torch.from_numpy(masks), torch.tensor(scores or [1.0] * len(rows)), Phrases(tuple(words))
    )


def test_lists_are_best_first_with_labels_of_the_benchmark(tmp_path):
    file = find_task("scene_instances")(tmp_path, {})
    sample = scene_sample(tmp_path / "data", class_ids=(27, 5), truth=[(5, "..####..")])
    answer = scene_answer(("##......", 0.25, 27), ("..####..", 0.75, 5))
    file.write(sample, answer)
    listed = read_instances(file.path / f"{sample.id}.txt")
    assert [(one.label, one.score) for one in listed] == [(5, 0.75), (27, 0.25)]
    assert read_integers(listed[0].mask).tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
    [shown] = file.regions(sample)  # as many as are true
    assert (shown.label, shown.vertices.tolist()) == (5, [2, 3, 4, 5])


def test_at_each_point_the_best_object_gives_the_label(tmp_path):
    file = find_task("scene_semantics")(tmp_path, {})
    sample = scene_sample(tmp_path / "data", class_ids=(27, 5))
    file.write(sample, scene_answer(("####....", 0.5, 27), ("..####..", 0.75, 5)))
    labels = read_integers(file.path / f"{sample.id}.txt").tolist()
    assert labels == [27, 27, 5, 5, 5, 5, 0, 0]
    shown = {one.label: one.vertices.tolist() for one in file.regions(sample)}
    assert shown == {27: [0, 1], 5: [2, 3, 4, 5]}


@pytest.mark.parametrize(("task", "expected"), [("scene_instances", ""), ("scene_semantics", None)])
def test_a_scene_on_which_a_method_failed_has_an_empty_file(task, expected, tmp_path):
    file = find_task(task)(tmp_path, {})
    sample = scene_sample(tmp_path / "data")
    file.write(sample, None)
    written = (file.path / f"{sample.id}.txt").read_text()
    assert written == ("0\n" * POINTS if expected is None else expected)


def test_predictions_are_what_the_metric_reads(tmp_path):
    """Four true labels of eight points right, two of the rest wrong: reckoned by hand."""
    truth = tmp_path / "truth"
    truth.mkdir()
    sample = scene_sample(tmp_path / "data", class_ids=(5, 7))
    lines = [5, 5, 5, 5, 7, 7, 0, 0]
    (truth / f"{sample.id}.txt").write_text("".join(f"{one}\n" for one in lines))
    file = find_task("scene_semantics")(tmp_path / "out", {})
    file.write(sample, scene_answer(("####.###", 0.5, 5)))
    found = score("scannet_semantics", truth, file.path, {"labels": "scannet"})
    assert found["IoU"]["chair"] == pytest.approx(4 / 5)  # points without truth do not count
    assert found["IoU"]["table"] == 0


def test_an_answer_takes_labels_from_phrases():
    sample = SimpleNamespace(class_ids=(27, 27, 5))
    found = instances("##......", ".##.....", classes=[1, 0], scores=[0.5, 0.25])
    answer = scene_answer_of({"instances": found}, sample, POINTS)
    assert answer.labels == (5, 27)
    assert answer.scores == (0.5, 0.25)
    assert [one.tolist() for one in answer.points] == [points("##").tolist(), [1, 2]]


def test_objects_of_another_cloud_are_no_answer():
    with pytest.raises(StageError, match="a cloud of 8, the scene's has 9"):
        scene_answer_of({"found": instances("##......")}, SimpleNamespace(class_ids=(1,)), 9)


def test_classes_that_were_not_asked_for_are_no_answer():
    found = instances("##......", classes=[3])
    with pytest.raises(StageError, match="class 3 is none of the 2"):
        scene_answer_of({"found": found}, SimpleNamespace(class_ids=(1, 2)), POINTS)
