"""The mini world's data are made once, and a killed run leaves no process behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from openseg.types.errors import UserError
from openseg_evals.run.benchmark import Benchmark
from openseg_evals.run.world_data import world_data

pytest.importorskip("pyvista")

CHILDREN = Path("/proc/self/task").is_dir() and next(Path("/proc/self/task").iterdir()) / "children"

MAKE = """
import sys
from pathlib import Path
from openseg_evals.run.world_data import world_data
from tests.evals.run.test_world_data import benchmark
if __name__ == "__main__":
    world_data(benchmark(scenes=500), Path(sys.argv[1]))
"""


def benchmark(**source) -> Benchmark:
    dataset = {"use": "refcoco", "world": "refcoco", "options": {"split": "test_seen"}, **source}
    return Benchmark.model_validate(
        {"name": "b", "about": "", "dataset": dataset, "task": "t", "metric": "m", "main": "n"}
    )


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(one) for one in (task / "children").read_text().split()]
    return found + [below for one in found for below in children(one)]


def test_data_are_made_once(tmp_path):
    folder = world_data(benchmark(scenes=1), tmp_path)
    made = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert "refs(unc).p" in {path.name for path in made}
    assert world_data(benchmark(scenes=1), tmp_path) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == made


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"world": "refcoc", "scenes": 1}, "did you mean"),
        ({"scenes": 1, "options": {}}, "there is no split ''"),
        ({"scenes": 1, "options": {"split": "testing"}}, "there is no split 'testing'"),
        ({"scenes": 0}, "n is 0"),
    ],
)
def test_what_cannot_be_made_is_told_across_processes(tmp_path, source, said):
    with pytest.raises(UserError, match=said):
        world_data(benchmark(**source), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not (CHILDREN and CHILDREN.exists()), reason="needs /proc with children")
def test_a_killed_run_leaves_no_renderer_behind(tmp_path):
    script = tmp_path / "make.py"
    script.write_text(MAKE)
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, script, tmp_path / "data"], cwd=root, env=_environment(root)
    )
    while process.poll() is None and len(list((tmp_path / "data").rglob("*.png"))) < 2:
        time.sleep(0.05)
    assert process.poll() is None
    left = children(process.pid)
    assert left
    process.kill()
    process.wait()
    deadline = time.monotonic() + 60
    while any(_is_running(one) for one in left):
        assert time.monotonic() < deadline, "a process outlived the run"
        time.sleep(0.1)


def _environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path])}


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
