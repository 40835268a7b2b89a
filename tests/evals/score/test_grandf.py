"""GranD-f files that do not fit, and what may be left out."""

from __future__ import annotations

import json

import numpy as np
import pytest

from openseg.types.errors import InputError, MissingWeightsError
from openseg_evals.score.registry import score, tally
from tests.parity.evals import cases_grandf
from tests.parity.evals.cases import encoded

MASKS, CAPTIONS = "truth/val_gcg_coco_mask_gt.json", "truth/val_gcg_coco_caption_gt.json"
ONE = "predictions/sa_1.json"


@pytest.fixture
def files(tmp_path):
    cases_grandf.annotations(tmp_path)
    return tmp_path


def call(files, **options):
    options = {"split": "val", **options}
    return score("grounded_conversation", files / "truth", files / "predictions", options)


def refused(files, message, **options):
    with pytest.raises(InputError, match=message):
        call(files, **options)


def change(path, edit):
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def inner(content):
    first = next(iter(content.values()))
    return first if isinstance(first, dict) else content


def test_units_are_images_and_their_mious_average_to_the_total(files):
    truth, guess = files / "truth", files / "predictions"
    found = tally("grounded_conversation", truth, guess, {"split": "val"})
    assert found.units == sorted(f"sa_{number}" for number in range(24))
    assert np.nanmean(found.unit_scores) == pytest.approx(found.scores()["mIoU"])
    assert np.isnan(found.unit_scores).sum() == 1  # the image that only the masks' file lists


def test_the_file_of_masks_names_its_split(files):
    truth = files / MASKS
    ours = score("grounded_conversation", truth, files / "predictions", {})
    assert ours["mIoU"] == call(files)["mIoU"]
    refused(files, "truth: holds 2 splits .*--set split=NAME: test, val", split="")
    refused(files, "truth: has no split train", split="train")


def test_a_missing_prediction_can_count_as_nothing_found(files):
    whole = call(files)
    (files / ONE).unlink()
    refused(files, r"predictions: 1 of 23 predictions are missing: sa_1.json .*missing=empty")
    filled = call(files, missing="empty")
    (files / ONE).write_text(json.dumps({"phrases": [], "pred_masks": []}))
    assert call(files)["mIoU"] == filled["mIoU"] != whole["mIoU"]


SMALL = encoded(np.zeros((3, 3), bool))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda p: inner(p).pop("phrases"), "sa_1.json: has no 'phrases'"),
        (lambda p: inner(p).update(phrases=[7]), "sa_1.json: phrases entry 0 is 7 .write text"),
        (lambda p: inner(p).update(pred_masks=[SMALL]), "sa_1.json pred_masks 0: mask is 3 x 3"),
        (lambda p: inner(p).update(pred_masks={}), "sa_1.json: pred_masks is a dict"),
        (lambda p: p.clear(), "sa_1.json: has no 'phrases' .*keys are: none"),
    ],
)
def test_a_broken_prediction_is_refused(files, edit, message):
    change(files / ONE, edit)
    refused(files, message)


@pytest.mark.parametrize(
    ("file", "edit", "message"),
    [
        (MASKS, lambda t: t["images"].append(t["images"][0]), "images entry 24: id sa_.* twice"),
        (MASKS, lambda t: t["images"][0].update(id=7), "ids are names, some numbers"),
        (MASKS, lambda t: t["annotations"][0].update(image_id="x"), "entry 0: image_id 'x' is not"),
        (MASKS, lambda t: t["annotations"][1].update(id=0), "entry 1: id 0 occurs twice"),
        (MASKS, lambda t: t["annotations"][1].update(category_id=2), "category_id is 2 .*one cat"),
        (MASKS, lambda t: t["annotations"][0].update(segmentation=SMALL), "entry 0: mask is 3 x 3"),
        (
            CAPTIONS,
            lambda t: t["images"].append({"id": "y"}),
            "image y is not in the file of masks",
        ),
        (CAPTIONS, lambda t: t["annotations"][2].pop("labels"), "entry 2: has no 'labels'"),
    ],
)
def test_a_broken_truth_is_refused(files, file, edit, message):
    change(files / file, edit)
    refused(files, message)


def test_cut_files_are_refused(files):
    for name in (MASKS, CAPTIONS, ONE):
        text = (files / name).read_text()
        (files / name).write_text(text[:-30])
        refused(files, f"{name}: is (cut short|not JSON)")
        (files / name).write_text(text)


def test_a_folder_that_is_no_bert_is_refused(files):
    refused(files, "nowhere: no such folder .*text=exact", text="nowhere")
    with pytest.raises(MissingWeightsError, match="truth: cannot load BertModel"):
        call(files, text=str(files / "truth"))
    cases_grandf.bert(files / "bert")
    for one in (files / "bert").glob("*token*"):
        one.unlink()
    refused(files, "bert: has no tokenizer", text=str(files / "bert"))


def test_a_bert_that_lacks_weights_is_refused(files):
    from safetensors.torch import load_file, save_file

    cases_grandf.bert(files / "bert")
    weights = files / "bert" / "model.safetensors"
    tensors = load_file(weights)
    pooler = {key: one for key, one in tensors.items() if not key.startswith("pooler.")}
    save_file(pooler, weights, {"format": "pt"})
    assert call(files, text=str(files / "bert"))["Recall"] > 0
    del pooler["encoder.layer.1.output.dense.weight"]
    save_file(pooler, weights, {"format": "pt"})
    with pytest.raises(MissingWeightsError, match=r"lacks 1 weights .*layer\.1\.output"):
        call(files, text=str(files / "bert"))
