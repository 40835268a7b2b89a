"""BOP folders and results that do not fit, and selections of images."""

from __future__ import annotations

import gzip
import json
import shutil

import numpy as np
import pytest

from openseg.types.errors import InputError
from openseg_evals.score.registry import score, tally
from tests.parity.evals import cases_bop
from tests.parity.evals.cases import encoded

NAME = "boxes_ycbv-test.json"


@pytest.fixture
def files(tmp_path):
    cases_bop.scenes(tmp_path)
    return tmp_path


def refused(files, message, name=NAME, **options):
    with pytest.raises(InputError, match=message):
        score("bop_instances", files / "ycbv", files / name, options)


def change(path, edit):
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def test_units_are_scenes_and_images_in_the_order_of_the_targets(files):
    found = tally("bop_instances", files / "ycbv", files / NAME, {})
    assert found.units == ["50/1", "50/3", "50/7", "50/12", "48/1", "48/4", "48/9"]
    assert found.scores(np.array([2]))["AP"] == pytest.approx(found.unit_scores[2])
    twice, once = found.scores(np.array([4, 4, 1, 1])), found.scores(np.array([1, 4]))
    assert twice["AR10"] == pytest.approx(once["AR10"])


def test_packed_results_and_json_lines_score_as_the_list(files):
    listed = score("bop_instances", files / "ycbv", files / NAME, {})
    packed = files / "packed_ycbv-test.json.gz"
    packed.write_bytes(gzip.compress((files / NAME).read_bytes()))
    del listed["conventions"]
    assert listed.items() <= score("bop_instances", files / "ycbv", packed, {}).items()
    lines = files / "predictions.jsonl"
    lines.write_text("\n".join(map(json.dumps, json.loads((files / NAME).read_text()))))
    refused(files, "predictions.jsonl: the name does not tell the split", "predictions.jsonl")
    chosen = {"split": "test"}
    assert listed.items() <= score("bop_instances", files / "ycbv", lines, chosen).items()
    packed.write_bytes(packed.read_bytes()[:-100])
    refused(files, "json.gz: cannot be unpacked", packed.name)


def test_splits_of_the_default_sensor_are_found(files):
    listed = score("bop_instances", files / "ycbv", files / NAME, {})
    shutil.move(files / "ycbv" / "test", files / "ycbv" / "test_primesense")
    assert score("bop_instances", files / "ycbv", files / NAME, {}) == listed
    (files / NAME).rename(files / "boxes_ycbv-val_7.json")
    refused(
        files, "ycbv: has no folder val .*folders are: test_primesense", "boxes_ycbv-val_7.json"
    )


SMALL = encoded(np.zeros((3, 3), bool))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda r: r[0].update(image_id="3"), r"json entry 0: image_id is '3' .*whole number"),
        (lambda r: r[0].update(scene_id=True), "entry 0: scene_id is True"),
        (lambda r: r[0].update(scene_id=77), r"scene_id 77 is not in the split .*in 2: 48, 50"),
        (lambda r: r[0].update(category_id=3), "category_id 3 is not in the truth .*has 6: 1, 2"),
        (lambda r: r[1].update(score="0.5"), "entry 1: score is '0.5'"),
        (lambda r: r[1].update(time=None), "entry 1: time is None"),
        (lambda r: r[1].update(time=99.0), "time 99.0 differs from .*one time for all results"),
        (lambda r: r[2].pop("bbox"), "entry 2: has a bbox and others not"),
        (lambda r: r[2].update(bbox=[1, 2]), r"bbox is \[1, 2\]"),
        (lambda r: r[0].update(segmentation=SMALL), "mask is 3 x 3"),
        (lambda r: r[0].update(segmentation={}), "is not a run-length encoded mask"),
        (lambda r: r[0].pop("segmentation"), "entry 0: has no 'segmentation'"),
        (
            lambda r: [one.update(scene_id=51, time=-1) for one in r],
            "no result on a target image .*48/1",
        ),
    ],
)
def test_a_broken_result_is_refused(files, edit, message):
    change(files / NAME, edit)
    refused(files, message)


def test_scores_that_are_not_numbers_and_cut_files_are_refused(files):
    text = (files / NAME).read_text()
    (files / NAME).write_text(text.replace('"score": ', '"score": NaN, "was": ', 1))
    refused(files, f"{NAME}: holds NaN")
    (files / NAME).write_text(text[:-40])
    refused(files, f"{NAME}: is (cut short|not JSON)")


def test_a_broken_truth_is_refused(files):
    scene = files / "ycbv" / "test" / "000048" / "scene_gt_coco.json"
    change(scene, lambda t: t["images"].pop(1))
    change(scene, lambda t: t.update(annotations=[]))
    refused(files, r"000048/scene_gt_coco.json: lacks target images 4 .*calc_gt_coco")
    scene.unlink()
    refused(files, "scene_gt_coco.json: no such file")
    targets = files / "ycbv" / "test_targets_bop19.json"
    targets.write_text("[]")
    refused(files, "test_targets_bop19.json: names no image")
    targets.write_text('[{"im_id": 3}]')
    refused(files, "test_targets_bop19.json entry 0: has no 'scene_id'")
    refused(files, "test_targets_bop24.json: no such file", targets="test_targets_bop24.json")
