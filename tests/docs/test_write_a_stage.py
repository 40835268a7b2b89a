"""The page `docs/write-a-stage.md`, followed to the letter by a package outside openseg."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "write-a-stage.md").read_text()


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with the page's package installed, as pip would put it into site-packages."""
    source = tmp_path_factory.mktemp("openseg-largest")
    for name, text in re.findall(r"```\w+ file=(\S+)\n(.*?)```", PAGE, re.DOTALL):
        (source / name).write_text(text)
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(target), str(source)], check=True)
    (target / "largest_only.yaml").write_text((source / "largest_only.yaml").read_text())
    return target


def openseg(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line with the package beside it."""
    return subprocess.run(
        [sys.executable, "-m", "openseg.cli", *arguments],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_makes_all_three_files():
    assert set(re.findall(r"file=(\S+)", PAGE)) == {
        "pyproject.toml",
        "openseg_largest.py",
        "largest_only.yaml",
    }


def test_the_stage_is_listed_and_in_the_schema(installed):
    assert "select.largest" in openseg(installed, "ls", "stages").stdout
    assert "select.largest" in openseg(installed, "schema").stdout


def test_the_method_is_valid(installed):
    done = openseg(installed, "validate", "largest_only.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_method_runs_and_keeps_one_region_a_phrase(installed, room):
    done = openseg(
        installed, "run", "largest_only.yaml", "--image", str(room), "--text", "cup; hat; chair",
        "--out", "out", "--format", "coco", "--no-cache",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    from openseg.api.runs import records

    [record] = records(installed / "out")
    found = [region.phrase for region in record.regions]
    assert found
    assert len(found) == len(set(found))
