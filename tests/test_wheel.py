"""The built wheel holds all that a user needs and puts one name into site-packages."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder with the wheel's contents, as pip lays them into site-packages."""
    built = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(built), str(ROOT)], check=True)
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(built.glob("openseg-*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


def openseg(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the unpacked wheel, outside the checkout."""
    return subprocess.run(
        [sys.executable, "-m", "openseg.cli", *arguments],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=site.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_generic_is_installed(site):
    names = {path.name for path in site.iterdir() if not path.name.endswith(".dist-info")}
    assert names == {"openseg", "openseg_evals", "openseg_ui"}


def test_pipelines_weights_and_samples_are_inside(site):
    for pattern in (
        "pipelines/grounded_sam.yaml",
        "mini/weights/sam/model.safetensors",
        "mini/weights/clip/model.safetensors",
        "mini/weights/grounding-dino/model.safetensors",
        "mini/samples/room.*",
        "models/catalogue.yaml",
        "py.typed",
    ):
        assert list((site / "openseg").glob(pattern)), pattern


def test_it_runs_outside_the_checkout(site, room):
    code = "import openseg; print(openseg.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=site.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(site))
    assert "grounded_sam" in openseg(site, "ls").stdout
    assert "mini-ref-unseen" in openseg(site, "ls", "benchmarks").stdout
    done = openseg(
        site, "run", "grounded_sam", "--image", str(room), "--text", "red cup", "--no-cache",
        "--out", str(site.parent / "out"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
