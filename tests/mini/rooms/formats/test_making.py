"""Orders are carried out once, whatever stops them, and to the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from openseg.mini.rooms.formats.kinds import find_writer
from openseg.mini.rooms.formats.making import carry_out
from openseg.mini.rooms.formats.order import Order
from openseg.types.errors import MissingExtraError, OpensegError, UserError

pytest.importorskip("pyvista")

SIDE = 64


def make(out, n=3, kind="coco", split="val", seed=0, **more):
    return find_writer(kind)(split, n, out, SIDE, SIDE, seed, **more)


def content(out):
    return {
        path.relative_to(out): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    told = []
    assert make(out, report=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    return out


def test_the_same_order_gives_the_same_bytes(whole, tmp_path):
    assert make(tmp_path, processes=2)
    assert content(tmp_path) == content(whole)
    assert not make(tmp_path)


def test_a_killed_run_goes_on_where_it_was(whole, tmp_path):
    """Killed without warning after its first still; what stands is not touched again."""
    out = tmp_path / "data"
    call = f"from openseg.mini.rooms.formats.kinds import find_writer; from pathlib import Path; \
find_writer('coco')('val', 3, Path({str(out)!r}), {SIDE}, {SIDE})"
    run = subprocess.Popen([sys.executable, "-c", f"if __name__ == '__main__':\n    {call}"])
    deadline = time.monotonic() + 120
    while not list(out.glob(".rooms/*.json")):
        assert time.monotonic() < deadline
        assert run.poll() is None
        time.sleep(0.002)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    _wait_until_still(out)
    stood = {path.stem: path.stat().st_mtime_ns for path in out.glob(".rooms/*.json")}
    assert not (out / "annotations/instances_val.json").exists()
    half = out / "val/000002.png"  # as if it had been written without the rest of its still
    (out / ".rooms/000002.json").unlink(missing_ok=True)
    half.write_bytes(b"half")
    stood.pop("000002", None)
    assert make(out)
    assert content(out) == content(whole)
    for name, when in stood.items():
        assert (out / f".rooms/{name}.json").stat().st_mtime_ns == when


def _wait_until_still(out):
    """Until the killed run's own process, which ends with it, has ended."""
    before = None
    while before != (before := sorted(out.rglob("*"))):
        time.sleep(0.5)


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "copy")


def test_a_lost_file_is_made_again(whole, copy):
    (copy / "val/000001.png").unlink()
    assert make(copy)
    (copy / "annotations/parts_val.json").unlink()
    assert make(copy)
    assert content(copy) == content(whole)


def test_more_and_fewer_scenes_keep_what_stands(whole, copy):
    first = (copy / "val/000000.png").stat().st_mtime_ns
    assert make(copy, n=1)
    assert [path.name for path in (copy / "val").iterdir()] == ["000000.png"]
    assert (copy / "val/000000.png").stat().st_mtime_ns == first
    assert make(copy, n=3)
    assert (copy / "val/000000.png").stat().st_mtime_ns == first
    assert content(copy) == content(whole)


def test_another_order_replaces_what_we_wrote_and_nothing_else(copy):
    (copy / "val/note.txt").write_text("mine")
    assert make(copy, n=1, split="train", seed=2)
    there = {str(path) for path in content(copy)}
    assert {path for path in there if "val" in path} == {"val/note.txt"}
    assert "train/000000.png" in there


def test_seeds_and_splits_have_scenes_of_their_own():
    seeds = [
        Order("rooms", split, 2, seed, SIDE, SIDE).scene_seed(index)
        for split in ("train", "val", "test_seen", "test_unseen")
        for seed in (0, 1, 65535)
        for index in (0, 1, (1 << 20) - 1)
    ]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"split": "testing"}, "there is no split 'testing'"),
        ({"n": 0}, "n is 0 (give 1 to"),
        ({"seed": 1 << 16}, "seed is 65536 (give 0 to 65535)"),
        ({"processes": 0}, "processes is 0"),
        ({"kind": "room"}, "did you mean 'rooms'?"),
    ],
)
def test_impossible_orders_are_refused_before_anything_is_written(change, said, tmp_path):
    with pytest.raises(UserError) as caught:
        make(tmp_path / "data", **change)
    assert said in str(caught.value)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("size", "said"),
    [((32, 64), "width is 32"), ((64, 4000), "height is 4000"), ((64, 128), "higher than wide")],
)
def test_impossible_sizes_are_refused(size, said, tmp_path):
    with pytest.raises(UserError, match=said):
        find_writer("refcoco")("val", 1, tmp_path / "data", *size)
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="a file stands where a folder is needed"):
        make(tmp_path / "file")


def test_a_process_that_dies_is_one_clear_error(tmp_path):
    class Deadly:
        name = "deadly"

        def __reduce__(self):
            return os._exit, (7,)

    from openseg.mini.rooms.formats.kinds import FORMATS

    form = FORMATS["coco"].__class__("", (SIDE, SIDE), lambda _: [Deadly()], print)
    with pytest.raises(OpensegError, match="a rendering process died"):
        carry_out(Order("coco", "val", 1, 0, SIDE, SIDE), form, tmp_path)


def test_a_missing_renderer_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / "pyvista.py").write_text("raise ImportError('No module named pyvista')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingExtraError, match=r"pip install 'openseg\[world\]'"):
        make(tmp_path / "data", n=1)
