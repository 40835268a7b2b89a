"""Broken predictions and truths: the message says what is wrong and where."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from openseg.types.errors import InputError, UserError
from openseg_evals.score.registry import METRICS, score
from tests.parity.evals import cases


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path, entries):
    path.write_text("\n".join(json.dumps(one) for one in entries))


@pytest.fixture
def refcoco(tmp_path):
    cases.referring(tmp_path)
    return tmp_path


def refused(metric, gt, pred, message, **options):
    with pytest.raises(UserError, match=message):
        score(metric, gt, pred, options)


SMALL = cases.encoded(np.zeros((3, 3), bool))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sent_id": 999}, "predictions.jsonl:3: sent_id 999 is not in the truth"),
        ({"ref_id": 999}, "predictions.jsonl:3: sent_id .* belongs to ref_id"),
        ({"segmentation": SMALL}, r"mask is 3 x 3 \(height x width\), its image is 6"),
        ({"segmentation": {"size": [60, 80]}}, "is not a run-length encoded mask"),
    ],
)
def test_a_wrong_entry_is_named_by_file_and_line(refcoco, change, message):
    file = refcoco / "predictions.jsonl"
    entries = lines(file)
    entries[2] |= change
    write(file, entries)
    refused("referring", refcoco, file, message)


def test_a_damaged_encoding_is_found(refcoco):
    file = refcoco / "predictions.jsonl"
    entries = lines(file)
    counts = entries[0]["segmentation"]["counts"]
    entries[0]["segmentation"]["counts"] = counts[: len(counts) // 2]
    write(file, entries)
    refused("referring", refcoco, file, ":1: run lengths sum to .* truncated or damaged")


def test_a_duplicate_a_missing_and_a_truncated_prediction(refcoco):
    file = refcoco / "predictions.jsonl"
    entries = lines(file)
    write(file, [*entries, entries[4]])
    refused("referring", refcoco, file, ":49: sent_id .* occurs a second time")
    write(file, entries[:-2])
    refused("referring", refcoco, file, "2 of 48 sentences have no prediction")
    file.write_text(file.read_text()[:-30])
    refused("referring", refcoco, file, ":46: is cut short")


def test_missing_predictions_can_count_as_empty_or_be_left_out(refcoco):
    file = refcoco / "predictions.jsonl"
    entries = lines(file)
    write(file, entries[:-2])
    skipped = score("referring", refcoco, file, {"missing": "skip"})
    write(file, [*entries[:-2], *({**one, "segmentation": None} for one in entries[-2:])])
    empty = score("referring", refcoco, file, {})
    write(file, entries[:-2])
    assert skipped["samples"] == 46
    filled = score("referring", refcoco, file, {"missing": "empty"})
    assert filled["oIoU"] == empty["oIoU"]
    assert skipped["mIoU"] == pytest.approx(filled["mIoU"] * 48 / 46)


def test_predictions_of_the_wrong_split_say_which_split_they_are(refcoco):
    file = refcoco / "predictions.jsonl"
    of_val = {sent for sent in range(48) if score_split(refcoco, sent) == "val"}
    write(file, [one for one in lines(file) if one["sent_id"] in of_val])
    refused("referring", refcoco, file, "the file covers val; choose with --set split=NAME")
    assert score("referring", refcoco, file, {"split": "val"})["samples"] == len(of_val)


def score_split(folder, sent):
    from openseg_evals.formats.refer import read_refer

    return next(r.split for r in read_refer(folder).refs if sent in dict(r.sentences))


def test_grefcoco_wants_the_declaration(tmp_path):
    cases.referring(tmp_path, general=True)
    file = tmp_path / "predictions.jsonl"
    entries = lines(file)
    del entries[0]["no_target"]
    write(file, entries)
    refused("generalized_referring", tmp_path, file, ":1: has no 'no_target'")
    derived = score("generalized_referring", tmp_path, file, {"no_target": "empty"})
    assert derived["conventions"]["no_target"] == "empty"


def test_several_targets_are_not_refcoco(tmp_path):
    cases.referring(tmp_path, general=True)
    file = tmp_path / "predictions.jsonl"
    refused("referring", tmp_path, file, "has [023] targets .*generalized_referring")


@pytest.fixture
def coco(tmp_path):
    cases.instances(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_id": 77}, "entry 0: image_id 77 is not in the truth"),
        ({"category_id": 1}, "category_id 1 is not in the truth .*5: 2, 3, 5, 7, 11"),
        ({"image_id": [1]}, r"image_id is \[1\] .*whole number"),
        ({"score": None}, "score is None"),
        ({"bbox": [1, 2]}, r"bbox is \[1, 2\]"),
        ({"segmentation": SMALL}, "mask is 3 x 3"),
    ],
)
def test_a_wrong_result_is_refused(coco, change, message):
    file = coco / "results.json"
    results = json.loads(file.read_text())
    file.write_text(json.dumps([{**results[0], **change}, *results[1:]]))
    refused("coco_instances", coco / "truth.json", file, message)


def test_scores_that_are_not_numbers_are_refused(coco):
    file = coco / "results.json"
    file.write_text(file.read_text().replace('"score": 0.5', '"score": NaN'))
    refused("coco_instances", coco / "truth.json", file, "results.json: holds NaN")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t["annotations"][0].update(id=0), "annotation 0: has the id 0"),
        (lambda t: t["annotations"][1].update(id=1), "ids of annotations occur twice: 1"),
        (lambda t: t["annotations"][0].update(image_id=99), "image_id 99"),
        (lambda t: t.pop("categories"), "has no 'categories'"),
        (lambda t: t.update(images=[7]), "is a int .*object with 'id'"),
        (lambda t: t["annotations"][0].update(segmentation=[[1, 2, 3]]), "broken polygon"),
    ],
)
def test_a_broken_truth_is_refused(coco, spoil, message):
    file = coco / "truth.json"
    truth = json.loads(file.read_text())
    spoil(truth)
    file.write_text(json.dumps(truth))
    refused("coco_instances", file, coco / "results.json", message)


def test_a_truncated_truth_and_a_missing_file(coco):
    file = coco / "truth.json"
    file.write_text(file.read_text()[:-100])
    refused("coco_instances", file, coco / "results.json", "truth.json: is (cut short|not JSON)")
    refused("coco_instances", file, coco / "nowhere.json", "nowhere.json: --pred does not exist")


def test_a_coco_file_is_not_an_lvis_file(coco):
    refused("lvis", coco / "truth.json", coco / "results.json", "scored by coco_instances")


def test_panoptic_files_that_do_not_fit(tmp_path):
    cases.panoptic(tmp_path)
    truth, file = tmp_path / "truth.json", tmp_path / "predictions.json"
    content = json.loads(file.read_text())
    whole = json.dumps(content)
    segments = content["annotations"][0]["segments_info"]
    segments[0]["category_id"] = 4
    file.write_text(json.dumps(content))
    refused("panoptic", truth, file, "annotation 0: category_id 4 is not in the truth")
    segments.pop(0)
    file.write_text(json.dumps(content))
    refused("panoptic", truth, file, "are in the PNG but not in the JSON")
    content["annotations"].pop(0)
    file.write_text(json.dumps(content))
    refused("panoptic", truth, file, "no prediction for images 0")
    file.write_text(whole)
    png = tmp_path / "predictions" / "1.png"
    png.write_bytes(png.read_bytes()[:60])
    refused("panoptic", truth, file, r"1\.png: cannot be decoded")


def test_label_maps_that_do_not_fit(tmp_path):
    cases.semantic(tmp_path)
    truth, predictions = tmp_path / "truth", tmp_path / "predictions"
    refused("semantic", truth, predictions, "classes is not given")
    refused("semantic", truth, predictions, r"\.png: holds labels 4, .*--set zero", classes="4")
    Image.new("L", (4, 4)).save(predictions / "0.png")
    refused("semantic", truth, predictions, "is 4 x 4 .*the truth is 60 x 80", classes="6")
    (predictions / "0.png").unlink()
    refused("semantic", truth, predictions, "1 of 5 predictions are missing: 0.png", classes="6")


def test_unknown_names_come_with_the_nearest(tmp_path):
    refused("refering", tmp_path, tmp_path, "did you mean 'referring'")
    refused("referring", tmp_path, tmp_path, "no convention 'spilt'.*truth", spilt="val")
    refused("referring", tmp_path, tmp_path, "choose single or union", truth="sum")


def test_every_row_names_a_scorer_that_exists():
    from importlib import import_module

    for row in METRICS.values():
        module, _, function = row.module.partition(":")
        assert callable(getattr(import_module(module), function or "tally"))


def test_a_folder_without_refs_is_refused(tmp_path):
    (tmp_path / "x.jsonl").write_text("")
    with pytest.raises(InputError, match=r"holds no refs\(\.\.\.\)\.p or grefs"):
        score("referring", tmp_path, tmp_path / "x.jsonl", {})
