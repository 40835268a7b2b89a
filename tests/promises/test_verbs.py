"""What commands do at their end: exit codes, Ctrl-C, what is taken up, what is left alone."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.evals.run.toys import write_method
from tests.promises.commands import WAIT, Place, files

PICTURES = 8


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(tmp_path, PICTURES)


@pytest.mark.parametrize("verb", ["run", "eval"])
def test_ctrl_c_says_how_to_go_on_and_that_is_true(place, verb):
    words = getattr(place, verb)("out", "--no-cache")
    assert place.call("--version").code == 0
    process = place.start(*words)
    state = place.folder / "out" / {"run": "run.json", "eval": "eval.json"}[verb]
    end = time.monotonic() + WAIT
    while not state.exists():
        assert time.monotonic() < end
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGINT)
    done = place.end(process)
    assert done.code == 130
    advice = {"run": "go on with --resume", "eval": "give the same command again to go on"}[verb]
    assert f"openseg: stopped; what was finished is kept ({advice})" in done.errors
    again = ["--resume"] if verb == "run" else []
    assert place.call(*words, *again).code == 0
    assert place.call(*getattr(place, verb)("whole", "--no-cache")).code == 0
    assert files(place.folder / "out") == files(place.folder / "whole")


def _samples(folder: Path) -> dict[str, int]:
    nodes = json.loads((folder / "timings.json").read_text())["nodes"]
    return {name: node["computed"] for name, node in nodes.items()}


def test_an_evaluation_without_one_good_sample_fails_and_overwrite_tries_it_again(place):
    images = {path: path.read_bytes() for path in place.images.iterdir()}
    assert place.call(*place.eval("whole", "--no-cache")).code == 0
    for path in images:
        path.write_bytes(b"")
    done = place.call(*place.eval("out"))
    assert done.code == 1
    assert f"'two' failed on {3 * PICTURES} of {3 * PICTURES} samples" in done.errors
    for path, content in images.items():
        path.write_bytes(content)
    bad = next(iter(images))
    bad.write_bytes(b"")
    assert place.call(*place.eval("out", "--overwrite")).code == 0
    bad.write_bytes(images[bad])
    assert place.call(*place.eval("out", "--overwrite")).code == 0
    assert files(place.folder / "out") == files(place.folder / "whole")
    assert set(_samples(place.folder / "out").values()) == {3}  # the rest was in the cache


def test_data_that_are_missing_for_the_last_benchmark_are_told_before_the_first_is_run(place):
    text = (place.folder / "toy.yaml").read_text()
    (place.folder / "other.yaml").write_text(text.replace("folder: toys", "folder: nowhere"))
    done = place.call("eval", "toy.yaml", "other.yaml", "--pipeline", "two.yaml", "--out", "out")
    assert done.code == 2
    assert "nowhere" in done.errors
    assert not (place.folder / "out").exists()


def test_overwrite_never_removes_shards(place):
    for number in (1, 2):
        assert place.call(*place.eval("out", "--shard", f"{number}/2")).code == 0
    shards = files(place.folder / "out" / "shards")
    assert place.call(*place.eval("out")).code == 0
    whole = files(place.folder / "out")
    assert place.call(*place.eval("out", "--overwrite")).code == 0
    assert files(place.folder / "out") == whole
    write_method(place.folder, "two", columns=5)
    done = place.call(*place.eval("out", "--overwrite"))
    assert done.code == 2
    assert "or remove the shards" in done.errors
    assert files(place.folder / "out") == whole
    assert files(place.folder / "out" / "shards") == shards


def test_what_a_kill_left_half_written_is_swept_and_nothing_else(place):
    out = place.folder / "out"
    assert place.call(*place.run(out)).code == 0
    whole = files(out)
    left = [out / name / ".0123456789abcdef.tmp" for name in ("", "overlay", "labelme", "mine")]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert place.call(*place.run(out, "--resume")).code == 0
    assert [path.exists() for path in left] == [False, False, False, True]
    left[-1].unlink()
    assert files(out) == whole
