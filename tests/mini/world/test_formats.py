"""Mini scenes in RefCOCO's and gRefCOCO's files: read by their loaders, exact, balanced, whole."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections import Counter

import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from openseg.mini.world import make_scene, scene_seed, write_coco, write_grefer, write_refer
from openseg.mini.world.formats import scenes
from openseg.mini.world.formats.expressions import general_expressions, single_expressions
from openseg.types.errors import UserError

pytest.importorskip("pyvista")

SIDE = 96
CONSTRUCTIONS = {"colour+category", "category", "colour"}


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def refcoco(tmp_path_factory):
    out = tmp_path_factory.mktemp("refcoco")
    assert write_refer("test_unseen", 2, out, SIDE, SIDE)
    return out


@pytest.fixture(scope="module")
def grefcoco(tmp_path_factory):
    out = tmp_path_factory.mktemp("grefcoco")
    assert write_grefer("test_unseen", 2, out, SIDE, SIDE)
    return out


def read_refs(folder):
    return pickle.loads((folder / "refs(unc).p").read_bytes())  # noqa: S301 - our own file


def test_refs_have_the_official_fields(refcoco):
    refs = read_refs(refcoco)
    fields = {"ref_id", "ann_id", "category_id", "image_id", "file_name", "split"}
    assert fields | {"sent_ids", "sentences"} == set(refs[0])
    assert [one["ref_id"] for one in refs] == list(range(len(refs)))
    sentences = [sentence for one in refs for sentence in one["sentences"]]
    assert [one["sent_id"] for one in sentences] == list(range(len(sentences)))
    assert all(one["tokens"] == one["raw"].split() for one in sentences)
    assert {one["split"] for one in refs} == {"test_unseen"}


def test_a_referral_means_the_object_its_words_say(refcoco):
    truth = COCO(str(refcoco / "instances.json"))
    names = {one["id"]: one["name"] for one in truth.dataset["categories"]}
    for ref in read_refs(refcoco):
        annotation = truth.anns[ref["ann_id"]]
        others = truth.imgToAnns[ref["image_id"]]
        assert (annotation["image_id"], annotation["category_id"]) == (
            ref["image_id"],
            ref["category_id"],
        )
        for sentence in ref["sentences"]:
            said = sentence["raw"].split()
            colour = annotation["colour"]
            name = names[annotation["category_id"]]
            by_category = name in sentence["raw"].replace("that is", "")
            assert (colour in said, by_category) == {
                "colour+category": (True, True),
                "category": (False, True),
                "colour": (True, False),
            }[sentence["tags"]["construction"]]
            fitting = [
                one
                for one in others
                if (colour not in said or one["colour"] == colour)
                and (not by_category or one["category_id"] == annotation["category_id"])
            ]
            assert fitting == [annotation]


def test_masks_are_exact_in_the_form_official_readers_decode(refcoco):
    content = json.loads((refcoco / "instances.json").read_text())
    for one in content["annotations"]:
        mask = coco_mask.decode(one["segmentation"])  # a list, as of RefCLEF
        assert mask.shape == (SIDE, SIDE, 1)
        assert mask.sum() == one["area"]


def test_grefs_have_one_several_and_no_targets(grefcoco):
    refs = json.loads((grefcoco / "grefs(unc).json").read_text())
    anns = {
        one["id"]: one
        for one in json.loads((grefcoco / "instances.json").read_text())["annotations"]
    }
    assert {min(len(one["ann_id"]), 2) if one["ann_id"] != [-1] else 0 for one in refs} == {0, 1, 2}
    for one in refs:
        if one["ann_id"] == [-1]:
            assert one["category_id"] == [-1]
        else:
            assert one["category_id"] == [anns[k]["category_id"] for k in one["ann_id"]]
            assert {anns[k]["image_id"] for k in one["ann_id"]} == {one["image_id"]}


@pytest.mark.parametrize(
    ("writer", "last"), [(write_refer, "refs(unc).p"), (write_grefer, "grefs(unc).json")]
)
def test_twice_gives_the_same_bytes_and_a_third_time_nothing(writer, last, tmp_path):
    for name in ("a", "b"):
        assert writer("val", 1, tmp_path / name, SIDE, SIDE)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert not writer("val", 1, tmp_path / "a", SIDE, SIDE)
    before = digests(tmp_path / "b")
    (tmp_path / "b" / last).unlink()
    assert writer("val", 1, tmp_path / "b", SIDE, SIDE)
    assert digests(tmp_path / "b") == before


def test_a_broken_off_order_leaves_no_sentences_and_is_done_again(tmp_path, monkeypatch):
    whole = tmp_path / "whole"
    write_refer("val", 2, whole, SIDE, SIDE)
    out = tmp_path / "out"
    write_coco("test_seen", 1, out, SIDE, SIDE)
    drawn = scenes.sample

    def stops(split, index, renderer):
        if index == 1:
            raise KeyboardInterrupt
        return drawn(split, index, renderer)

    monkeypatch.setattr(scenes, "sample", stops)
    with pytest.raises(KeyboardInterrupt):
        write_refer("val", 2, out, SIDE, SIDE)
    assert not (out / "phrases.json").exists()
    assert not (out / "refs(unc).p").exists()
    monkeypatch.undo()
    assert write_refer("val", 2, out, SIDE, SIDE)
    assert digests(out) == digests(whole)


def test_each_seed_has_scenes_of_its_own(tmp_path):
    for seed in (0, 1):
        write_coco("val", 1, tmp_path / str(seed), SIDE, SIDE, seed)
    first, second = (tmp_path / seed / "images/000000.png" for seed in ("0", "1"))
    assert first.read_bytes() != second.read_bytes()


@pytest.mark.parametrize(
    ("seed", "n", "said"),
    [(-1, 1, "seed is -1"), (1 << 16, 1, "seed is 65536"), (0, (1 << 20) + 1, "n is 1048577")],
)
def test_scenes_of_seeds_never_meet(seed, n, said, tmp_path):
    with pytest.raises(UserError, match=said):
        write_refer("val", n, tmp_path / "out", seed=seed)
    assert not (tmp_path / "out").exists()


def test_expressions_are_balanced():
    singles, counts, rare = Counter(), Counter(), Counter()
    for index in range(60):
        scene = make_scene(scene_seed("test_unseen", index))
        single, general = single_expressions(scene), general_expressions(scene)
        assert len(single) <= 4
        assert len(general) <= 5
        assert len({one.text for one in general}) == len(general)
        singles.update(one.construction for one in single)
        rare.update(one.pair for one in single)
        counts.update(min(len(one.object_ids), 2) for one in general)
    assert set(singles) == CONSTRUCTIONS
    assert min(singles.values()) >= 0.2 * singles.total()
    assert min(counts[k] for k in (0, 1, 2)) >= 0.15 * counts.total()
    assert 0.2 <= rare["held-out"] / rare.total() <= 0.8


@pytest.mark.parametrize("split", ["train", "val", "test_seen"])
def test_other_splits_never_speak_of_a_held_out_pair(split):
    for index in range(20):
        scene = make_scene(scene_seed(split, index))
        spoken = [*single_expressions(scene), *general_expressions(scene)]
        assert {one.pair for one in spoken} == {"seen"}


def test_the_last_general_expression_means_nothing():
    for index in range(20):
        scene = make_scene(scene_seed("val", index))
        means = [len(one.object_ids) for one in general_expressions(scene)]
        assert means.count(0) == 1
        assert means[-1] == 0
