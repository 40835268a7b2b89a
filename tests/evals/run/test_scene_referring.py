"""Sentences about scenes scored end to end; what they share is read and computed once."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from openseg.io.scenes.layout import read_scene
from openseg_evals.report.write import write_reports
from openseg_evals.run import scene_inputs
from openseg_evals.run.benchmark import Benchmark
from openseg_evals.run.evaluate import evaluate
from openseg_evals.run.request import EvalRequest, Shard
from tests.evals.run.toys import lines
from tests.scene_toys import (
    box_room,
    points_of,
    scene_stages,
    write_scene_method,
    write_two_step_method,
)

__all__ = ["box_room", "scene_stages"]

SCENES = ("scene0000_00", "scene0001_00")
SAID = (("box", "0", "box"), ("mat", "1", "mat"), ("rug", "1", "mat"), ("box", "0", "box"))
"""What is said, of which object, and what it is called; the toy methods know no rug."""

TURN = np.array([[1, 0, 0, 1], [0, 0.8, -0.6, 2], [0, 0.6, 0.8, 3], [0, 0, 0, 1]])
"""Tilted, or the mat would have no volume."""

BENCHMARK = Benchmark(
    name="toy-refer",
    about="Sentences about two rooms.",
    dataset={"use": "scanrefer", "folder": "scannet", "options": {"split": "val"}},
    task="scene_referring",
    metric="scanrefer",
    conventions={"missing": "skip"},
    main="Acc@0.5",
    best=1,
)


@pytest.fixture
def data(box_room, tmp_path, scene_stages):
    """Two rooms that are the same, in ScanNet's files, and four sentences about each."""
    root = tmp_path / "data/scannet"
    positions = read_scene(box_room).cloud().positions.numpy()
    segments = np.zeros(len(positions), int)
    for segment, name in enumerate(("box", "mat"), 1):
        segments[points_of(name, positions)] = segment
    groups = [
        {"id": k, "objectId": k, "label": name, "segments": [k + 1]}
        for k, name in enumerate(("box", "mat"))
    ]
    said = []
    for scene in SCENES:
        home = shutil.copytree(box_room, root / "scans" / scene)
        (home / f"{box_room.name}_vh_clean_2.ply").rename(home / f"{scene}_vh_clean_2.ply")
        (home / f"{scene}.aggregation.json").write_text(json.dumps({"segGroups": groups}))
        content = {"segIndices": segments.tolist()}
        (home / f"{scene}_vh_clean_2.0.010000.segs.json").write_text(json.dumps(content))
        text = " ".join(map(str, TURN.ravel()))
        (home / f"{scene}.txt").write_text(f"axisAlignment = {text}\n")
        said += [
            {"scene_id": scene, "object_id": number, "object_name": name, "ann_id": str(ann),
             "description": words, "token": words.split()}
            for ann, (words, number, name) in enumerate(SAID)
        ]  # fmt: skip
    (root / "ScanRefer_filtered_val.json").write_text(json.dumps(said))
    rows = ["id\traw_category\tnyu40id", "26\tbox\t29", "140\tmat\t20"]
    (root / "scannetv2-labels.combined.tsv").write_text("\n".join(rows))
    return tmp_path / "data"


def run(data, methods, **request):
    usual = {"out": data.parent / "out", "data": data, "device": "cpu"}
    return evaluate(BENCHMARK, EvalRequest(pipelines=tuple(methods), **{**usual, **request}))


def numbers(evaluation, name):
    metrics = evaluation.results["pipelines"][name]["metrics"]
    return {key: one["value"] for key, one in metrics.items()}


def test_three_of_four_sentences_are_understood(data, tmp_path):
    found = run(data, [write_scene_method(tmp_path, "whole")])
    assert numbers(found, "whole") == {"Acc@0.25": 3 / 4, "Acc@0.5": 3 / 4}
    # Both things are of the class "others": two described objects of it in each room.
    tables = found.results["pipelines"]["whole"]["tables"]
    assert tables["multiple"] == {"Acc@0.25": 3 / 4, "Acc@0.5": 3 / 4}
    assert tables["unique"] == {"Acc@0.25": None, "Acc@0.5": None}
    assert (found.results["units"], found.results["unit_score"]) == (2, "Acc@0.5 of the scene")


def test_the_answered_box_is_turned_with_the_scan(data, tmp_path):
    found = run(data, [write_scene_method(tmp_path, "whole")])
    line = lines(found.predictions["whole"].path)[1]
    positions = read_scene(data / "scannet/scans" / SCENES[0]).cloud().positions.numpy()
    mat = positions[points_of("mat", positions)] @ TURN[:3, :3].T + TURN[:3, 3]
    corners = np.array(line["bbox"])
    assert np.allclose(corners.min(axis=0), mat.min(axis=0), atol=1e-5)
    assert np.allclose(corners.max(axis=0), mat.max(axis=0), atol=1e-5)
    assert line["ann_id"] == "1"


def test_sentences_that_a_limited_run_did_not_reach_do_not_count(data, tmp_path):
    found = run(data, [write_scene_method(tmp_path, "whole")], limit=2)
    assert numbers(found, "whole")["Acc@0.5"] == 1
    assert found.results["units"] == 1


def test_a_room_that_cannot_be_read_has_nothing_found(data, tmp_path):
    shutil.rmtree(data / "scannet/scans" / SCENES[1] / "color")
    found = run(data, [write_scene_method(tmp_path, "whole")])
    assert found.results["pipelines"]["whole"]["failed"] == 4
    assert numbers(found, "whole")["Acc@0.5"] == 3 / 8


def test_the_oracle_ends_at_the_best_value(data, tmp_path):
    one = write_scene_method(tmp_path, "one")
    two = write_two_step_method(tmp_path, "two", missed=0.33)
    found = run(data, [one, two], oracle=True).results["pipelines"]
    assert found["one"]["oracle"] == {"score": 3 / 4, "grounding": 1}
    assert found["two"]["oracle"]["proposals"] == 1


def test_a_room_is_read_once_and_what_it_alone_decides_is_computed_twice(
    data, tmp_path, monkeypatch
):
    """Twice, not eight times: rooms are alike, and two windows ask before a value is kept."""
    read = []
    for name in ("read_cloud", "read_scene"):
        real = getattr(scene_inputs, name)

        def counted(path, name=name, real=real):
            read.append(name)
            return real(path)

        monkeypatch.setattr(scene_inputs, name, counted)
    found = run(data, [write_scene_method(tmp_path, "one"), write_two_step_method(tmp_path, "two")])
    assert sorted(read) == ["read_cloud"] * 2 + ["read_scene"] * 2
    nodes = json.loads((found.folder / "timings.json").read_text())["nodes"]
    assert (nodes["propose"]["samples"], nodes["propose"]["computed"]) == (8, 2)


def test_shards_join_to_what_one_run_gives(data, tmp_path):
    methods = [write_scene_method(tmp_path, "part", missed=0.33)]
    whole = run(data, methods, out=tmp_path / "whole")
    for number in (1, 2):
        run(data, methods, out=tmp_path / "parts", shard=Shard(number, 2))
    joined = run(data, methods, out=tmp_path / "parts")
    assert joined.results["pipelines"] == whole.results["pipelines"]


def test_the_report_shows_rooms_and_sentences(data, tmp_path):
    found = run(data, [write_scene_method(tmp_path, "whole")])
    write_reports(found)
    assert (found.folder / "report.html").read_text().count("data:image/jpeg;base64,") == 2
