"""Shards on disk become scenes, complete ones only, in a fixed order."""

import json

import numpy as np
import pytest

from openseg.mini.recipes.data import SceneShards
from openseg.types.errors import OpensegError, UserError


def write_shard(folder, number, scenes, *, lines=None):
    folder.mkdir(parents=True, exist_ok=True)
    images = np.zeros((scenes, 8, 8, 3), np.uint8)
    images[:, 0, 0, 0] = 10 * number + np.arange(scenes)
    ids = np.zeros((scenes, 8, 8), np.uint8)
    ids[:, 2:5, 3:7] = 4
    np.save(folder / f"images_{number:03}.npy", images)
    np.save(folder / f"ids_{number:03}.npy", ids)
    thing = {
        "id": 4,
        "category": "cup",
        "colour": "red",
        "box": [3, 2, 7, 5],
        "visible": 0.75,
        "parts": [],
    }
    rows = [json.dumps({"seed": s, "objects": [thing]}) for s in range(lines or scenes)]
    (folder / f"objects_{number:03}.jsonl").write_text("\n".join(rows) + "\n", "utf-8")


def first_pixels(scenes):
    return [int(s.image[0, 0, 0]) for s in scenes]


def test_scenes_come_in_the_order_of_the_shards(tmp_path):
    write_shard(tmp_path / "train", 0, 3)
    write_shard(tmp_path / "train", 1, 2)
    shards = SceneShards(tmp_path, "train")
    assert len(shards) == 5
    assert first_pixels(shards) == [0, 1, 2, 10, 11]
    item = shards[4].objects[0]
    assert item.pair == ("red", "cup")
    assert item.box == (3.0, 2.0, 7.0, 5.0)
    assert shards[4].mask(item).sum() == 12


def test_a_rescan_finds_new_shards_and_only_finished_ones(tmp_path):
    write_shard(tmp_path / "train", 0, 3)
    shards = SceneShards(tmp_path, "train")
    write_shard(tmp_path / "train", 1, 2)
    lines = tmp_path / "train" / "objects_001.jsonl"
    unfinished = lines.rename(lines.with_suffix(".part"))
    assert shards.rescan() == 3
    unfinished.rename(lines)
    assert shards.rescan() == 5
    assert shards.rescan() == 5


def test_a_step_draws_the_same_scenes_every_time(tmp_path):
    write_shard(tmp_path / "train", 0, 9)
    shards = SceneShards(tmp_path, "train")
    drawn = first_pixels(shards.sample(step=5, size=4, seed=1))
    assert drawn == first_pixels(SceneShards(tmp_path, "train").sample(step=5, size=4, seed=1))
    assert len(set(drawn)) == 4
    assert drawn != first_pixels(shards.sample(step=6, size=4, seed=1))
    assert len(shards.sample(step=0, size=20, seed=1)) == 20


def test_a_split_without_scenes_is_named(tmp_path):
    with pytest.raises(UserError, match="val"):
        SceneShards(tmp_path, "val")


def test_a_shard_whose_files_disagree_is_named(tmp_path):
    write_shard(tmp_path / "val", 0, 3, lines=2)
    with pytest.raises(OpensegError, match="objects_000"):
        SceneShards(tmp_path, "val")


def test_an_index_past_the_end_is_refused(tmp_path):
    write_shard(tmp_path / "val", 0, 3)
    with pytest.raises(IndexError):
        SceneShards(tmp_path, "val")[3]
