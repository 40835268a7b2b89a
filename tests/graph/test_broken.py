"""Every file in tests/data/broken has one fault; its first line says which, and where."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from openseg.graph.loader import check, load
from openseg.models.store import ModelStore
from openseg.types.errors import MethodError

BROKEN = Path(__file__).parents[1] / "data" / "broken"
FILES = sorted(BROKEN.glob("*.yaml"))


def expectation(path: Path) -> tuple[str, str]:
    """The message as a pattern, and the place as `check` prints it."""
    first = path.read_bytes().splitlines()[0].decode("ascii")
    match = re.fullmatch(r"# expect: (?P<what>.+) @ (?P<file>\S+ )?line (?P<line>\d+)", first)
    assert match, first
    file = BROKEN / match["file"].strip() if match["file"] else path
    return match["what"], f"{file}:{match['line']}"


def test_there_are_many():
    assert len(FILES) >= 25


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_check_names_the_fault_and_nothing_else(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # places are then shown as full paths
    what, where = expectation(path)
    problems = check(path, ModelStore())
    assert len(problems) == 1, [str(problem) for problem in problems]
    assert problems[0].where == where
    assert re.search(what, str(problems[0])), str(problems[0])
    assert "\n" not in str(problems[0])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_load_raises_the_same(path):
    with pytest.raises(MethodError) as caught:
        load(path, ModelStore())
    assert caught.value.exit_code == 2
    assert str(caught.value) == str(check(path, ModelStore())[0])


def test_no_weights_are_touched():
    script = f"""
import sys
from pathlib import Path
from openseg.graph.loader import check, pipeline_names
from openseg.models.store import ModelStore
for path in Path({str(BROKEN)!r}).glob("*.yaml"):
    assert check(path, ModelStore())
for name in pipeline_names():
    assert not check(name, ModelStore())
print([name for name in ("torch", "transformers", "numpy") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
