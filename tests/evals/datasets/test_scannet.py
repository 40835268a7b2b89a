"""ScanNet's annotations become the numbers that its two benchmarks score."""

from __future__ import annotations

import pytest

from openseg.io.scenes.layout import read_scene
from openseg.types.errors import UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.formats.scannet import read_integers
from openseg_evals.score.registry import score
from tests.evals.dataset_kinds.answers import scannet_lists, vertex_labels
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import write_json, write_text
from tests.io.scenes import writers
from tests.scenes import recording

NAME = "scene0011_00"
TABLE = (
    ("id", "raw_category", "category", "nyu40id"),
    ("1", "wall", "wall", "1"),
    ("2", "chair", "chair", "5"),
    ("31", "towel", "towel", "27"),
    ("1300", "fog", "fog", "40"),
    ("4", "table", "table", "7"),
)
# Segment of each vertex, in runs: (segment, vertices). What no object has is not annotated.
RUNS = ((7, 300), (3, 200), (90, 150), (7, 100), (12, 250), (13, 130), (5, 120))
OBJECTS = (
    ("wall", [90]),
    ("chair", [7, 3]),
    ("chair", [12]),
    ("towel", [13]),
    ("fog", [5]),
)


@pytest.fixture
def folder(tmp_path):
    made = recording(count=2)
    total = sum(count for _, count in RUNS)
    made.points = made.points[:total]
    root = tmp_path / "ScanNet"
    scene = writers.scannet(root / "scans" / NAME, made)
    write_json(
        scene / f"{NAME}_vh_clean_2.0.010000.segs.json",
        {"sceneId": NAME, "segIndices": [s for s, count in RUNS for _ in range(count)]},
    )
    groups = [
        {"id": i, "objectId": i, "label": label, "segments": segments}
        for i, (label, segments) in enumerate(OBJECTS)
    ]
    write_json(scene / f"{NAME}.aggregation.json", {"sceneId": NAME, "segGroups": groups})
    write_text(scene / f"{NAME}.txt", "axisAlignment = 1 0 0 0", "sceneType = Office")
    write_text(root / "scannetv2_val.txt", NAME)
    write_text(root / "scannetv2-labels.combined.tsv", *("\t".join(row) for row in TABLE))
    return root


def runs(values):
    """Values of the vertices, run by run."""
    lengths = [count for _, count in RUNS]
    return [value for value, count in zip(values, lengths, strict=True) for _ in range(count)]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        # By NYU40: chair 5, wall 1, towel 27, otherprop 40, the last two not evaluated.
        ("scannet", [5002, 5002, 1001, 5002, 5003, 27004, 40005]),
        # By ScanNet200's own ids; what is not among the 200 has no label.
        ("scannet200", [2002, 2002, 1001, 2002, 2003, 31004, 5]),
    ],
)
def test_labels_are_those_of_the_official_preparation(labels, expected, folder, tmp_path):
    dataset = load_dataset("scannet", folder, {"labels": labels})
    truth = dataset.truth(tmp_path / "work")
    assert [path.name for path in truth.iterdir()] == [f"{NAME}.txt"]
    assert read_integers(truth / f"{NAME}.txt").tolist() == runs(expected)


def test_a_scene_asks_for_every_class_that_is_scored(folder):
    (sample,) = load_dataset("scannet", folder, {}).samples
    assert (sample.id, sample.unit, sample.tags) == (NAME, NAME, {"sceneType": "Office"})
    assert (len(sample.phrases), len(sample.class_ids)) == (198, 198)
    assert sample.phrases[sample.class_ids.index(36)] == "dresser"
    found = {(target.label, len(target.vertices)) for target in sample.targets()}
    assert found == {(2, 600), (2, 250), (31, 130)}
    assert sample.targets()[0].vertices[[0, -1]].tolist() == [0, 749]
    (semantic,) = load_dataset("scannet", folder, {"task": "semantics"}).samples
    assert (len(semantic.phrases), semantic.stuff) == (200, frozenset({1, 3}))
    assert (2, 850) in {(target.label, len(target.vertices)) for target in semantic.targets()}


def test_the_scene_can_be_run(folder):
    (sample,) = load_dataset("scannet", folder, {}).samples
    scene = read_scene(sample.scene)
    assert len(scene.frames) == 2
    assert scene.cloud_path == sample.cloud


@pytest.mark.parametrize("labels", ["scannet", "scannet200"])
def test_the_truth_as_answer_is_perfect(labels, folder, tmp_path):
    dataset = load_dataset("scannet", folder, {"labels": labels})
    truth, answer = dataset.truth(tmp_path / "work"), scannet_lists(dataset, tmp_path / "answer")
    found = score("scannet_instances", truth, answer, dataset.metric_options)
    assert (found["AP"], found["AP50"]) == (1, 1)
    dataset = load_dataset("scannet", folder, {"labels": labels, "task": "semantics"})
    truth, answer = dataset.truth(tmp_path / "work"), vertex_labels(dataset, tmp_path / "labels")
    assert score("scannet_semantics", truth, answer, dataset.metric_options)["mIoU"] == 1


def test_given_truth_is_used_as_it_is(folder, tmp_path):
    made = load_dataset("scannet", folder, {}).truth(tmp_path / "work")
    for extra in ((), ("scene0012_00",)):
        given = tmp_path / f"given{len(extra)}"
        for name in (NAME, *extra):
            write_text(given / f"{name}.txt", *(made / f"{NAME}.txt").read_text().split())
        for path in folder.rglob("*.segs.json"):
            path.unlink()
        dataset = load_dataset("scannet", folder, {"truth": str(given)})
        truth = dataset.truth(tmp_path / f"linked{len(extra)}")
        assert (truth == given) == (not extra)
        assert [path.name for path in truth.iterdir()] == [f"{NAME}.txt"]
        assert len(dataset.samples[0].targets()) == 3


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("scannetv2_val.txt", r"there is no scannetv2_val\.txt or Tasks/Benchmark/"),
        ("scannetv2-labels.combined.tsv", r"no scannetv2-labels\.combined\.tsv"),
        (f"scans/{NAME}/{NAME}_vh_clean_2.ply", r"no scene0011_00_vh_clean_2\.ply"),
        (f"scans/{NAME}/{NAME}.aggregation.json", "no such file"),
    ],
)
def test_a_missing_file_is_answered_with_the_way_to_get_it(missing, message, folder, tmp_path):
    (folder / missing).unlink()
    with pytest.raises(UserError, match=message):
        load_dataset("scannet", folder, {}).truth(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("_vh_clean_2.0.010000.segs.json", {"segIndices": [7] * 10}, "has 10 lines.*1250 vertices"),
        ("_vh_clean_2.0.010000.segs.json", {"segIndices": ["a"]}, "not a list of numbers"),
        (".aggregation.json", {"segGroups": [{"id": 0, "label": "wall"}]}, "has no 'segments'"),
        (".aggregation.json", {"segGroups": [{"id": 999}]}, "object number 999"),
    ],
)
def test_annotations_that_do_not_fit_are_named(file, content, message, folder, tmp_path):
    write_json(folder / "scans" / NAME / f"{NAME}{file}", content)
    with pytest.raises(UserError, match=message):
        load_dataset("scannet", folder, {}).truth(tmp_path)
    assert not list(tmp_path.rglob(f"{NAME}.txt.*"))


def test_wrong_options_are_answered(folder):
    with pytest.raises(UserError, match=r"has no option 'label'.*did you mean 'labels'"):
        load_dataset("scannet", folder, {"label": "scannet"})
    with pytest.raises(UserError, match=r"holds no scene0011_00\.txt"):
        load_dataset("scannet", folder, {"truth": "gt"})


@pytest.mark.parametrize("labels", ["scannet", "scannet200"])
def test_broken_files_are_read_or_refused(labels, folder):
    fuzz_dataset("scannet", folder, "*", f"scans/{NAME}/*", labels=labels)
