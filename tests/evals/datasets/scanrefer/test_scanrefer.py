"""ScanRefer's sentences become samples about one object; broken files are named."""

from __future__ import annotations

import json

import numpy as np
import pytest

from openseg.io.scenes.ply import read_cloud
from openseg.types.errors import UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from openseg_evals.upright_boxes import corners_of, upright_box
from tests.evals.datasets.broken import fuzz_dataset
from tests.parity.evals import cases_scanrefer

FILE = "ScanRefer_filtered_val.json"
NAME = "scene0001_00"
UNALIGNED = "scene0003_00"


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "data/scannet"
    cases_scanrefer.scanrefer(home)
    return home


def edited(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def entries(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_sentence_is_a_sample_and_a_scan_a_unit(folder):
    samples = load_dataset("scanrefer", folder, {}).samples
    said = json.loads((folder / FILE).read_text())
    assert [one.phrases for one in samples] == [(one["description"],) for one in said]
    first, one = samples[0], said[0]
    assert first.key == {key: one[key] for key in ("scene_id", "object_id", "ann_id")}
    assert first.id == "-".join(first.key.values())
    assert len({sample.id for sample in samples}) == len(samples)
    assert (first.unit, first.tags) == ("scene0000_00", {"sceneType": "Den"})
    assert first.source == folder / "scans/scene0000_00"
    assert len({sample.unit for sample in samples}) == cases_scanrefer.SCANS


def test_objects_are_the_aggregations_object_ids(folder):
    """Not its `id`, which counts otherwise here; where two claim a segment the later has it."""
    samples = load_dataset("scanrefer", folder, {}).samples
    for number in ("2", "5"):
        sample = next(s for s in samples if s.unit == NAME and s.key["object_id"] == number)
        segments = json.loads(
            (folder / f"scans/{NAME}/{NAME}_vh_clean_2.0.010000.segs.json").read_text()
        )["segIndices"]
        own = [14 * int(number), 14 * int(number) + 7]  # of what 2 claims, 70 went to 5
        [target] = sample.targets()
        assert target.vertices.tolist() == np.flatnonzero(np.isin(segments, own)).tolist()
        assert target.label == sample.class_ids[0]


def test_sentences_of_a_scan_are_asked_together(folder):
    def shuffle(said):
        said.sort(key=lambda one: one["ann_id"])

    edited(folder / FILE, shuffle)
    units = [one.unit for one in load_dataset("scanrefer", folder, {}).samples]
    assert [u for i, u in enumerate(units) if i == 0 or units[i - 1] != u] == sorted(set(units))


def test_boxes_stand_in_the_aligned_axes_where_there_are_some(folder, tmp_path):
    samples = load_dataset("scanrefer", folder, {}).samples
    turned = next(one for one in samples if one.unit == NAME)
    plain = next(one for one in samples if one.unit == UNALIGNED)
    assert plain.axes == ()
    assert np.allclose(np.array(turned.axes)[3], [0, 0, 0, 1])
    points = np.array([[1, 2, 3], [2, 2, 3]], np.float32)
    around = np.array(((0, -1, 0, 10), (1, 0, 0, 20), (0, 0, 1, 30), (0, 0, 0, 1)), float)
    axes = tuple(map(tuple, around.tolist()))
    assert upright_box(points, axes).tolist() == [8, 21, 33, 8, 22, 33]  # turned by a quarter
    assert upright_box(points, ()).tolist() == [1, 2, 3, 2, 2, 3]


def test_the_truth_as_answer_is_perfect(folder, tmp_path):
    dataset = load_dataset("scanrefer", folder, {})
    lines = []
    for sample in dataset.samples:
        [target] = sample.targets()
        points = read_cloud(sample.cloud).positions.numpy()[target.vertices]
        box = corners_of(upright_box(points, sample.axes))
        lines.append(json.dumps({**sample.key, "bbox": box}))
    (tmp_path / "answers.jsonl").write_text("\n".join(lines))
    found = score("scanrefer", dataset.truth(tmp_path), tmp_path / "answers.jsonl", {})
    assert found["Acc@0.5"] == found["unique"]["Acc@0.25"] == 1


def test_the_file_may_lie_in_scanrefers_own_folder(folder):
    home = folder.parent / "ScanRefer"
    home.mkdir(exist_ok=True)
    (folder / FILE).rename(home / FILE)
    assert len(load_dataset("scanrefer", folder, {}).samples) == 130


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (FILE, r"there is no ScanRefer_filtered_val\.json or .*daveredrum/ScanRefer"),
        ("scannetv2-labels.combined.tsv", r"no scannetv2-labels\.combined\.tsv"),
        (f"scans/{NAME}/{NAME}_vh_clean_2.ply", r"no scene0001_00_vh_clean_2\.ply"),
        (f"scans/{NAME}/{NAME}.aggregation.json", "no such file"),
    ],
)
def test_a_missing_file_is_answered_with_the_way_to_get_it(missing, message, folder, tmp_path):
    (folder / missing).unlink()
    with pytest.raises(UserError, match=message):
        load_dataset("scanrefer", folder, {}).truth(tmp_path / "work")
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"object_id": "900"}, r"object 900, which sentence 0 describes, has no vertex"),
        ({"object_id": 4}, r"entry 0: object_id is 4 .*write text"),
        ({"object_id": "4a"}, r"object_id is '4a'.*as \"34\""),
        ({"scene_id": "../scans"}, r"scene_id is '\.\./scans'"),
        ({"scene_id": "scene0009_00"}, "there is no scans/scene0009_00"),
        ({"description": " "}, "description has no words"),
        ({"ann_id": None}, "ann_id is None"),
    ],
)
def test_a_wrong_entry_is_named(change, message, folder, tmp_path):
    edited(folder / FILE, lambda said: said[0].update(change))
    with pytest.raises(UserError, match=message):
        load_dataset("scanrefer", folder, {}).truth(tmp_path / "work")


def test_a_sentence_twice_and_a_list_that_is_none_are_refused(folder):
    edited(folder / FILE, lambda said: said.append(said[3]))
    with pytest.raises(UserError, match=r"entry 130: sentence 3 of .* occurs a second time"):
        load_dataset("scanrefer", folder, {})
    (folder / FILE).write_text("{}")
    with pytest.raises(UserError, match="it must be a list"):
        load_dataset("scanrefer", folder, {})


@pytest.mark.parametrize("text", ["1 0 0 0", "1 " * 15 + "x", "nan " * 16])
def test_an_alignment_that_is_no_matrix_is_refused(text, folder):
    (folder / f"scans/{NAME}/{NAME}.txt").write_text(f"axisAlignment = {text}\n")
    with pytest.raises(UserError, match=r"axisAlignment is .*16 numbers"):
        load_dataset("scanrefer", folder, {})


def test_a_wrong_option_is_answered(folder):
    with pytest.raises(UserError, match=r"has no option 'splot'.*did you mean 'split'"):
        load_dataset("scanrefer", folder, {"splot": "val"})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("scanrefer", folder, FILE, "*.tsv", "scans/scene0000_00/*")
