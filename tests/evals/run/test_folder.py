"""An evaluation's folder belongs to one process, and a lock never outlives its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from openseg.types.errors import UserError
from openseg_evals.run.folder import STATE, EvalFolder
from tests.fuzzing import fuzz_files
from tests.soaking import times

IDENTITY = {"format": 1, "benchmark": "b"}

HOLD = """
import sys, time
from pathlib import Path
from openseg_evals.run.folder import EvalFolder
with EvalFolder.open(Path(sys.argv[1]), {"format": 1, "benchmark": "b"}, overwrite=False) as one:
    one.begin()
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_of_a_killed_process_is_no_lock(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(UserError, match="another evaluation is writing here"):
        EvalFolder.open(tmp_path, IDENTITY, overwrite=True)
    other.send_signal(signal.SIGKILL)
    other.wait()
    other.stdout.close()
    assert (tmp_path / ".lock").exists()
    with EvalFolder.open(tmp_path, IDENTITY, overwrite=False) as folder:
        assert not folder.finished
    assert sorted(os.listdir(tmp_path)) == ["eval.json"]  # noqa: PTH208 (hidden files, too)


def test_a_lock_that_was_removed_meanwhile_is_taken_again(tmp_path, monkeypatch):
    """Whoever opened the file before its owner removed it must not believe that it holds it."""
    import fcntl

    real, first = fcntl.flock, []

    def late(file, how):
        if not first:
            first.append(file)
            (tmp_path / ".lock").unlink()  # its owner finishes just now
        real(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with (
        EvalFolder.open(tmp_path, IDENTITY, overwrite=False),
        pytest.raises(UserError, match="another evaluation is writing here"),
    ):
        EvalFolder.open(tmp_path, IDENTITY, overwrite=False)


def test_many_at_once_take_turns(tmp_path):
    """Nobody is inside together with another, however they come and go."""
    inside, worst, faults = [], [], []

    def visit():
        for _ in range(40):
            try:
                with EvalFolder.open(tmp_path, IDENTITY, overwrite=False) as folder:
                    inside.append(1)
                    worst.append(len(inside))
                    folder.begin()
                    inside.pop()
            except UserError as error:
                faults.append(str(error))

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert max(worst) == 1
    assert all("another evaluation is writing here" in one for one in faults)


def test_drafts_of_shards_are_left_to_their_owners(tmp_path):
    names = (".1.tmp", "predictions/a/.2.tmp", "shards/1-of-2/.3.tmp", "predictions/a/x.png")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with EvalFolder.open(tmp_path, IDENTITY, overwrite=False):
        pass
    assert [(tmp_path / name).exists() for name in names] == [False, False, True, True]


def test_overwrite_removes_what_an_evaluation_writes_and_nothing_else(tmp_path):
    with EvalFolder.open(tmp_path, IDENTITY, overwrite=False) as folder:
        folder.commit(1, {"a": 1}, finished=True)
    ours = ("predictions/a/x.png", "report.html", "waterfalls/a.svg")
    others = ("notes.txt", "paper/figure.png", "shards/1-of-2/eval.json")
    for name in (*ours, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with EvalFolder.open(tmp_path, {**IDENTITY, "benchmark": "c"}, overwrite=True) as folder:
        assert (folder.done, folder.finished) == (0, False)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(others)


def test_a_broken_state_is_read_or_refused(tmp_path):
    with EvalFolder.open(tmp_path, IDENTITY, overwrite=False) as folder:
        folder.commit(3, {"predictions/a/predictions.jsonl": 120})

    def read(_):
        with EvalFolder.open(tmp_path, IDENTITY, overwrite=False) as again:
            again.commit(again.done + 1, {name: mark + 1 for name, mark in again.marks.items()})

    fuzz_files("evaluation folders", [tmp_path / STATE], read, times(40, 2000))
