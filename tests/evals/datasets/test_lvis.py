"""LVIS pictures lie in COCO's folders; names and what is verified come from the file."""

from __future__ import annotations

import pytest

from openseg.types.errors import UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import asked, results, write_json, write_picture

AEROSOL, BOW, CUP = 1, 2, 3


def image(number, split, negative, partial):
    address = f"http://images.cocodataset.org/{split}/{number:012d}.jpg"
    return {
        "id": number,
        "coco_url": address,
        "height": 30,
        "width": 40,
        "neg_category_ids": negative,
        "not_exhaustive_category_ids": partial,
    }


def annotation(number, picture, category, x):
    polygon = [x, 2, x + 12, 2, x + 12, 20, x, 20]
    return {
        "id": number,
        "image_id": picture,
        "category_id": category,
        "segmentation": [polygon],
        "area": 216.0,
        "bbox": [x, 2, 12, 18],
    }


@pytest.fixture
def folder(tmp_path):
    names = {
        AEROSOL: ("aerosol_can", ["aerosol_can", "spray_can"], "c"),
        BOW: ("bow_(weapon)", ["bow"], "r"),
        CUP: ("cup", ["cup"], "f"),
    }
    content = {
        "images": [image(7, "val2017", [BOW], []), image(9, "train2017", [], [CUP])],
        "annotations": [
            annotation(1, 7, AEROSOL, 1),
            annotation(2, 7, CUP, 20),
            annotation(3, 9, BOW, 5),
            annotation(4, 9, CUP, 25),
        ],
        "categories": [
            {"id": key, "name": name, "synonyms": synonyms, "frequency": frequency}
            for key, (name, synonyms, frequency) in names.items()
        ],
    }
    write_json(tmp_path / "lvis_v1_val.json", content)
    write_picture(tmp_path / "val2017/000000000007.jpg", 30, 40)
    write_picture(tmp_path / "train2017/000000000009.jpg", 30, 40)
    return tmp_path


def test_samples_are_asked_for_every_category_in_plain_words(folder):
    first, second = load_dataset("lvis", folder, {}).samples
    assert first.phrases == ("aerosol can", "bow (weapon)", "cup")
    assert first.class_ids == (AEROSOL, BOW, CUP)
    assert second.image == folder / "train2017/000000000009.jpg"
    assert asked(second) == ["bow (weapon)", "cup"]


def test_synonyms_share_their_category(folder):
    (first, _) = load_dataset("lvis", folder, {"names": "synonyms"}).samples
    assert first.phrases == ("aerosol can", "spray can", "bow (weapon)", "bow", "cup")
    assert first.class_ids == (AEROSOL, AEROSOL, BOW, BOW, CUP)


def test_the_truth_as_prediction_scores_1(folder, tmp_path):
    dataset = load_dataset("lvis", folder, {})
    truth = dataset.truth(tmp_path)
    found = score("lvis", truth, results(dataset, tmp_path / "r.json"), dataset.metric_options)
    assert [found[key] for key in ("AP", "APr", "APc", "APf")] == pytest.approx([1] * 4)


def test_missing_files_and_a_coco_file_are_named(folder, tmp_path):
    with pytest.raises(UserError, match=r"no lvis_v1_train\.json or annotations/lvis_v1_train"):
        load_dataset("lvis", folder, {"split": "train"})
    path = folder / "lvis_v1_val.json"
    content = path.read_text()
    path.write_text(content.replace('"synonyms"', '"other"'))
    with pytest.raises(UserError, match="has no 'synonyms'"):
        load_dataset("lvis", folder, {})
    path.write_text(content.replace("http://images.cocodataset.org/val2017/", ""))
    with pytest.raises(UserError, match=r"coco_url of image 7 is '000000000007\.jpg'"):
        load_dataset("lvis", folder, {})
    path.write_text(content)
    (folder / "val2017/000000000007.jpg").unlink()
    with pytest.raises(UserError, match="1 of 2 pictures are missing"):
        load_dataset("lvis", folder, {})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("lvis", folder)
