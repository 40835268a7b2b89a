"""Shards are whole or absent, and a killed run goes on."""

import json

import numpy as np
import pytest

from openseg.mini.world import Renderer, make_scene, phrases, read_records
from openseg.mini.world.shards import SHARD, ShardJob, shard_jobs, write_shard, write_shards

pytest.importorskip("pyvista")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("world")
    write_shards([*shard_jobs("val", 3, out, 64), *shard_jobs("train", 2, out, 64)], processes=2)
    return out


def test_jobs_cover_a_split_in_whole_shards(tmp_path):
    jobs = shard_jobs("train", 2 * SHARD + 7, tmp_path)
    assert [(job.number, job.scenes) for job in jobs] == [(0, SHARD), (1, SHARD), (2, 7)]


def test_a_shard_holds_pictures_ids_and_records_in_the_same_order(folder):
    images = np.load(folder / "val/images_000.npy")
    ids = np.load(folder / "val/ids_000.npy")
    records = read_records(folder / "val/objects_000.jsonl")
    assert images.shape == (3, 64, 64, 3)
    assert ids.shape == (3, 64, 64)
    assert images.dtype == ids.dtype == np.uint8
    for picture, record in zip(ids, records, strict=True):
        scene = make_scene(record.seed)
        assert [(o.colour, o.category) for o in record.objects] == [
            (t.colour, t.category) for t in scene.things
        ]
        for thing in record.objects:
            y, x = np.nonzero(picture == thing.id)
            assert thing.box == (x.min(), y.min(), x.max() + 1, y.max() + 1)
        assert phrases(record.objects) == phrases(scene.things)


def test_lines_hold_the_promised_fields(folder):
    line = json.loads((folder / "train/objects_000.jsonl").read_text("utf-8").splitlines()[0])
    assert set(line) == {"seed", "objects"}
    assert set(line["objects"][0]) == {
        "id", "category", "scannet200_id", "colour", "box", "visible", "parts",
    }  # fmt: skip


def test_processes_make_what_one_renderer_makes(folder, tmp_path):
    renderer = Renderer(64, 64)
    write_shard(ShardJob("val", 0, 3, tmp_path, 64), renderer)
    renderer.close()
    for name in ("images_000.npy", "ids_000.npy", "objects_000.jsonl"):
        assert (tmp_path / "val" / name).read_bytes() == (folder / "val" / name).read_bytes()


def test_complete_shards_are_kept_and_broken_ones_made_again(folder, tmp_path):
    job = ShardJob("val", 0, 1, tmp_path, 64)
    job.path("images", "npy").parent.mkdir()
    job.path("images", "npy").write_bytes(b"from a run that was killed")
    write_shards([job])
    whole = job.path("objects", "jsonl").stat().st_mtime_ns
    assert np.load(job.path("images", "npy")).shape == (1, 64, 64, 3)
    write_shards([job])
    assert job.path("objects", "jsonl").stat().st_mtime_ns == whole
    assert not list(job.path("images", "npy").parent.glob("*.part"))
