"""ADE20K is read from the challenge's PNGs, or prepared from the full data set."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from openseg.types.errors import UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import asked, label_maps, write_labels, write_picture

WALL, PERSON, UNKNOWN = 2978, 1831, 1  # numbers of the full data set


@pytest.fixture
def challenge(tmp_path):
    folder = tmp_path / "ADEChallengeData2016"
    for n, rows in enumerate([[[0, 1, 1], [0, 150, 13]], [[2, 2, 0], [2, 2, 0]]], start=1):
        write_picture(folder / f"images/validation/ADE_val_{n:08d}.jpg", 2, 3)
        write_labels(folder / f"annotations/validation/ADE_val_{n:08d}.png", rows)
    return folder


def test_the_challenge_is_scored_from_its_own_files(challenge, tmp_path):
    dataset = load_dataset("ade20k", challenge, {})
    assert [asked(one) for one in dataset.samples] == [["flag", "person", "wall"], ["building"]]
    truth = dataset.truth(tmp_path / "work")
    assert truth == challenge / "annotations/validation"
    assert not (tmp_path / "work").exists()
    found = score("semantic", truth, label_maps(dataset, tmp_path / "p"), dataset.metric_options)
    assert (found["mIoU"], found["classes_averaged"]) == (100, 4)


def test_synonyms_are_phrases_of_one_class(challenge):
    (sample, _) = load_dataset("ade20k", challenge, {"names": "synonyms"}).samples
    assert sample.phrases[:3] == ("wall", "building", "edifice")
    assert sample.class_ids[:3] == (1, 2, 2)
    assert asked(sample) == ["flag", "person", "wall"]


def write_full(folder, stem, classes, height, width):
    """A picture of the full data set and its map: class in R and G, instance in B."""
    place = folder / "images/ADE/validation/home/attic"
    generator = np.random.default_rng(height)
    write_picture(place / f"{stem}.jpg", height, width)
    pixels = generator.integers(0, 255, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(place / f"{stem}.jpg")
    codes = np.array(classes, dtype=np.int64)[generator.integers(0, len(classes), (height, width))]
    shades = np.stack([codes // 256 * 10 + 3, codes % 256, codes % 7], axis=-1)
    Image.fromarray(shades.astype(np.uint8)).save(place / f"{stem}_seg.png")
    return codes


def test_the_full_data_set_is_prepared_as_maskformer_does(tmp_path):
    raw, prepared = tmp_path / "ADE20K_2021_17_01", tmp_path / "prepared"
    small = write_full(raw, "ADE_val_00000001", [WALL, PERSON, UNKNOWN], 5, 7)
    tall = write_full(raw, "ADE_val_00000002", [WALL, PERSON], 1001, 600)
    dataset = load_dataset("ade20k", raw, {"classes": "847", "prepared": str(prepared)})
    truth = dataset.truth(tmp_path / "work")
    labels = np.asarray(Image.open(truth / "ADE_val_00000001.png"))
    expected = np.select([small == WALL, small == PERSON], [0, 11], 65535)
    assert labels.tolist() == expected.tolist()
    # The shorter side becomes 512, the other is rounded; maps take the nearest pixel of OpenCV.
    assert [one.size for one in dataset.samples] == [(5, 7), (854, 512)]
    shrunk = cv2.resize(tall.astype(np.int32), (512, 854), interpolation=cv2.INTER_NEAREST)
    labels = np.asarray(Image.open(truth / "ADE_val_00000002.png"))
    assert (labels == np.where(shrunk == WALL, 0, 11)).all()
    assert Image.open(dataset.samples[1].image).size == (512, 854)
    found = score("semantic", truth, label_maps(dataset, tmp_path / "p"), dataset.metric_options)
    assert (found["mIoU"], found["classes_averaged"]) == (100, 2)


def test_prepared_files_are_read_where_they_lie_and_not_made_again(tmp_path):
    raw, prepared = tmp_path / "raw", tmp_path / "prepared"
    write_full(raw, "ADE_val_00000001", [WALL, PERSON], 4, 4)
    options = {"classes": "847", "prepared": str(prepared)}
    load_dataset("ade20k", raw, options)
    made = prepared / "annotations_detectron2/validation/ADE_val_00000001.tif"
    before = made.stat().st_mtime_ns
    load_dataset("ade20k", raw, options)
    assert made.stat().st_mtime_ns == before
    dataset = load_dataset("ade20k", prepared, {"classes": "847"})
    assert asked(dataset.samples[0]) == ["person", "wall"]


def test_the_way_to_prepare_is_told(tmp_path):
    with pytest.raises(UserError, match="prepared=FOLDER"):
        load_dataset("ade20k", tmp_path, {"classes": "847"})
    with pytest.raises(UserError, match=r"ADEChallengeData2016\.zip"):
        load_dataset("ade20k", tmp_path, {})
    raw = tmp_path / "raw"
    write_full(raw, "ADE_val_00000001", [WALL], 3, 3)
    (raw / "images/ADE/validation/home/attic/ADE_val_00000001_seg.png").write_bytes(b"\x89PNG")
    with pytest.raises(UserError, match=r"ADE_val_00000001_seg\.png: cannot be decoded"):
        load_dataset("ade20k", raw, {"classes": "847", "prepared": str(tmp_path / "out")})
    assert not list((tmp_path / "out").rglob("*.tif"))


def test_an_unknown_label_and_a_missing_picture_are_named(challenge, tmp_path):
    write_labels(challenge / "annotations/validation/ADE_val_00000002.png", [[151] * 3] * 2)
    with pytest.raises(UserError, match="holds labels 151"):
        load_dataset("ade20k", challenge, {}).samples[1].targets()
    (challenge / "images/validation/ADE_val_00000001.jpg").unlink()
    with pytest.raises(UserError, match="1 of 2 pictures are missing"):
        load_dataset("ade20k", challenge, {})


def test_broken_files_are_read_or_refused(challenge):
    fuzz_dataset("ade20k", challenge)
