"""The page on evaluation: its commands run, its folder table is what an evaluation leaves."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from openseg_evals.run.benchmark import find_benchmarks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "evaluate.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the page's commands were given."""
    folder = tmp_path_factory.mktemp("evaluate")
    environment = {**os.environ, "OPENSEG_CACHE": str(folder / "cache")}
    for line in "".join(blocks("sh")).splitlines():
        command = [sys.executable, "-m", "openseg.cli", *shlex.split(line)[1:]]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, line + done.stdout + done.stderr
    return folder


def test_the_table_of_files_is_complete(folder):
    [left] = (folder / "runs" / "eval").iterdir()
    assert left.name == "mini-ref--grounded_sam--clip_ranked_masks"
    listed = PAGE[PAGE.index("| file | what it is |") : PAGE.index("**Stopped?**")]
    told = {name.partition("/")[0] for name in re.findall(r"`([\w.]+/?[\w@]*/?)`", listed)}
    there = {path.name for path in left.iterdir() if path.name != "truth"}
    assert there <= told
    assert told - there <= {"failures.jsonl", "PIPELINE@STEP"}


def test_the_benchmark_of_ones_own_is_valid(tmp_path):
    file = tmp_path / "my-benchmark.yaml"
    file.write_text(blocks("yaml")[0])
    [one] = find_benchmarks(str(file))
    assert (one.name, one.main) == ("my-benchmark", "AP")
