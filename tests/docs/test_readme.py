"""Every command and program of the README, run as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A folder that looks like the checkout to commands that read the samples."""
    (tmp_path / "openseg" / "mini").mkdir(parents=True)
    (tmp_path / "openseg" / "mini" / "samples").symlink_to(ROOT / "openseg" / "mini" / "samples")
    return tmp_path


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OPENSEG_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("block", [b for b in blocks("sh") if "openseg " in b])
def test_openseg_commands_run(block, checkout):
    """Those of one block in turn, in one folder."""
    for command in block.splitlines():
        if command.startswith("openseg "):
            done = run([sys.executable, "-m", "openseg.cli", *shlex.split(command)[1:]], checkout)
            assert done.returncode == 0, command + done.stdout + done.stderr


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make")])
def test_make_knows_the_targets(command):
    done = run(["make", "--dry-run", "-C", str(ROOT), *shlex.split(command)[1:]], ROOT)
    assert done.returncode == 0, done.stderr


def test_there_is_nothing_else_to_run():
    known = ("openseg ", "make")
    assert [command for command in COMMANDS if not command.startswith(known)] == []


@pytest.mark.parametrize("program", blocks("python"))
def test_programs_run(program, checkout):
    (checkout / "runs").mkdir()
    done = run([sys.executable, "-c", program], checkout)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", blocks("yaml"))
def test_methods_are_valid(text, tmp_path):
    (tmp_path / "method.yaml").write_text(text)
    done = run([sys.executable, "-m", "openseg.cli", "validate", "method.yaml"], tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_first_method_is_the_shipped_one():
    shipped = yaml.safe_load((ROOT / "pipelines" / "grounded_sam.yaml").read_text())
    shown = yaml.safe_load(blocks("yaml")[0])
    assert shown["nodes"]["detect"]["in"] == shipped["nodes"]["detect"]["in"]
    assert shown["outputs"] == shipped["outputs"]
    assert shown["models"] == shipped["models"]


def test_pictures_and_links_exist():
    for target in re.findall(r"\]\(([^)#]+)", README):
        assert (ROOT / target).exists(), target
