"""Shards are whole or absent, a killed run goes on, and records say what the arrays show."""

import numpy as np
import pytest

from openseg.mini.rooms import Record, Renderer, make_still, read_records, record, sample_still
from openseg.mini.rooms.records import acceptable
from openseg.mini.rooms.shards import SHARD, ShardJob, shard_jobs, write_shard, write_shards
from openseg.types.errors import UserError

pytest.importorskip("pyvista")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("rooms")
    write_shards([*shard_jobs("val", 3, out, 128), *shard_jobs("train", 2, out, 128)], processes=2)
    return out


def test_jobs_cover_a_split_in_whole_shards(tmp_path):
    jobs = shard_jobs("train", 2 * SHARD + 7, tmp_path)
    assert [(job.number, job.stills) for job in jobs] == [(0, SHARD), (1, SHARD), (2, 7)]


def test_a_shard_holds_arrays_and_records_in_the_same_order(folder):
    images, ids, parts = (np.load(folder / f"val/{k}_000.npy") for k in ("images", "ids", "parts"))
    records = read_records(folder / "val/things_000.jsonl")
    assert images.shape == (3, 128, 128, 3)
    assert ids.shape == parts.shape == (3, 128, 128)
    assert images.dtype == ids.dtype == parts.dtype == np.uint8
    for picture, pieces, entry in zip(ids, parts, records, strict=True):
        scene = make_still(entry.seed)
        assert tuple(seen.thing for seen in entry.seen) == scene.things
        assert entry.surfaces == {s.id: s.category for s in scene.room.surfaces}
        for seen in entry.seen:
            y, x = np.nonzero(picture == seen.thing.id)
            assert seen.box == (x.min(), y.min(), x.max() + 1, y.max() + 1)
            assert seen.pixels == len(x) == sum(seen.parts.values())
            for name, count in seen.parts.items():
                code = seen.thing.kind.parts.index(name) + 1
                assert count == np.count_nonzero(pieces[y, x] == code)


def test_records_survive_json(folder):
    for entry in read_records(folder / "train/things_000.jsonl"):
        assert Record.from_json(entry.to_json()) == entry


def test_processes_make_what_one_renderer_makes(folder, tmp_path):
    renderer = Renderer(128, 128)
    write_shard(ShardJob("val", 0, 3, tmp_path, 128), renderer)
    scene, view = sample_still("val", 1, renderer)
    renderer.close()
    assert acceptable(scene, view)
    assert record(scene, view) == read_records(tmp_path / "val/things_000.jsonl")[1]
    for name in ("images_000.npy", "ids_000.npy", "parts_000.npy", "things_000.jsonl"):
        assert (tmp_path / "val" / name).read_bytes() == (folder / "val" / name).read_bytes()


def test_complete_shards_are_kept_and_broken_ones_made_again(tmp_path):
    job = ShardJob("val", 0, 1, tmp_path, 64)
    job.path("images", "npy").parent.mkdir()
    job.path("images", "npy").write_bytes(b"from a run that was killed")
    write_shards([job])
    whole = job.path("things", "jsonl").stat().st_mtime_ns
    assert np.load(job.path("images", "npy")).shape == (1, 64, 64, 3)
    write_shards([job])
    assert job.path("things", "jsonl").stat().st_mtime_ns == whole
    assert not list(job.path("images", "npy").parent.glob("*.part"))


def test_a_file_in_the_way_is_named_in_one_line(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError) as caught:
        write_shards(shard_jobs("val", 1, tmp_path / "taken"))
    assert "taken" in str(caught.value)
    assert "\n" not in str(caught.value)
