"""The house rules a linter does not know: sizes of files and rooms, docstrings, no pickles."""

from __future__ import annotations

import ast
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 400
MAX_FILES = 16


def tracked(*patterns: str) -> list[Path]:
    """Files git knows, or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


PYTHON = tracked("*.py")


def test_files_can_be_read_in_one_sitting():
    long = {
        p.relative_to(ROOT): n for p in PYTHON if (n := len(p.read_text().splitlines())) > MAX_LINES
    }
    assert not long


def test_rooms_are_small():
    rooms = Counter(path.parent.relative_to(ROOT) for path in PYTHON if path.name != "__init__.py")
    assert not {room: count for room, count in rooms.items() if count > MAX_FILES}


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path):
    source = path.read_text()
    if source.strip():
        assert ast.get_docstring(ast.parse(source)), "a module needs a docstring"


def test_a_stage_lies_where_its_name_says():
    from openseg.graph.registry import find_stage, stage_names

    for name in stage_names():
        assert find_stage(name).__module__ == f"openseg.stages.{name}"


def test_weights_are_safetensors_of_modest_size():
    shipped = tracked("openseg/mini/weights")
    assert not [p for p in shipped if p.suffix in {".bin", ".pt", ".pth", ".pkl", ".ckpt"}]
    tensors = [p for p in shipped if p.suffix == ".safetensors"]
    assert all(p.stat().st_size <= 16 * 2**20 for p in tensors)
    assert sum(p.stat().st_size for p in tensors) <= 90 * 2**20


def test_nothing_executes_what_it_loads():
    """No unpickling, no remote code, no shell: these words do not occur in the package."""
    words = ("pickle.load", "trust_remote_code", "shell=True", "yaml.load(", "eval(")
    weights = [
        line
        for path in PYTHON
        if path.is_relative_to(ROOT / "openseg")
        for line in path.read_text().splitlines()
        if "torch.load(" in line
    ]
    assert all("weights_only=True" in line for line in weights)
    found = [
        (path.name, word)
        for path in PYTHON
        if path.is_relative_to(ROOT / "openseg")
        for word in words
        if word in path.read_text().replace(".eval()", "")
    ]
    assert not found
