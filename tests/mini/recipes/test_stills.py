"""Shards of stills become pictures, maps and records, complete ones only, in a fixed order."""

import shutil

import numpy as np
import pytest

from openseg.mini.recipes.stills import Stills
from openseg.mini.rooms.sentences.sentence import sentences
from openseg.types.errors import OpensegError, UserError


def test_maps_show_what_the_record_says(stills):
    for still in stills:
        assert still.image.shape == (256, 256, 3)
        for seen in still.things:
            assert still.mask(seen).sum() == seen.pixels
            for part, pixels in seen.parts.items():
                assert still.mask(seen, part).sum() == pixels
            y, x = np.nonzero(still.mask(seen))
            assert seen.box == (x.min(), y.min(), x.max() + 1, y.max() + 1)


def test_a_rescan_finds_new_shards_and_only_finished_ones(rooms, tmp_path):
    shutil.copytree(rooms / "train", tmp_path / "train")
    found = Stills(tmp_path, "train")
    for kind in ("images", "ids", "parts"):
        shutil.copy(tmp_path / f"train/{kind}_000.npy", tmp_path / f"train/{kind}_001.npy")
    assert found.rescan() == 6
    lines = tmp_path / "train" / "things_001.jsonl"
    shutil.copy(tmp_path / "train/things_000.jsonl", lines)
    assert found.rescan() == 12
    assert found[7].record == found[1].record
    with pytest.raises(IndexError):
        found[12]


def test_a_step_draws_the_same_stills_every_time(rooms):
    def seeds(step):
        return [s.record.seed for s in Stills(rooms, "train").sample(step, 4, seed=1)]

    assert seeds(5) == seeds(5)
    assert len(set(seeds(5))) == 4
    assert any(seeds(5) != seeds(step) for step in (6, 7, 8))
    assert len(Stills(rooms, "train").sample(0, 20, seed=1)) == 20


def test_a_split_without_stills_is_named(rooms):
    with pytest.raises(UserError, match="test_seen"):
        Stills(rooms, "test_seen")


def test_a_shard_whose_files_disagree_is_named(rooms, tmp_path):
    shutil.copytree(rooms / "train", tmp_path / "train")
    lines = tmp_path / "train" / "things_000.jsonl"
    lines.write_text("".join(lines.read_text("utf-8").splitlines(keepends=True)[:4]), "utf-8")
    with pytest.raises(OpensegError, match="things_000"):
        Stills(tmp_path, "train")


def test_sentences_can_be_made_from_what_is_stored(stills):
    said = sentences(stills[0].scene, stills[0].sight, np.random.default_rng(0), each=1)
    there = {seen.thing.id for seen in stills[0].things}
    assert len(said) > 5
    assert all(set(one.target_ids) <= there for one in said)
