"""Mini scenes in RefCOCO's files, rendered once, and a short mini-ref that asks about them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import openseg_evals

SCENES = 2


@pytest.fixture(scope="session")
def short_mini_ref(tmp_path_factory) -> Path:
    """A folder with `mini-ref.yaml`, the shipped benchmark on fewer scenes, and their `data`."""
    pytest.importorskip("pyvista")
    folder = tmp_path_factory.mktemp("mini-ref")
    shipped = Path(openseg_evals.__file__).parent / "benchmarks" / "mini-ref.yaml"
    content = yaml.safe_load(shipped.read_text())
    variant = content.pop("variants")[""]
    content["dataset"] |= {
        "scenes": SCENES,
        "options": {"by": "unc", **variant["dataset"]["options"]},
    }
    (folder / "mini-ref.yaml").write_text(yaml.safe_dump(content))
    data = folder / "data" / "mini" / f"refcoco-test_seen-{SCENES}"
    make = ["world", "make", "refcoco", "--split", "test_seen", "--n", str(SCENES)]
    command = [sys.executable, "-m", "openseg.cli", *make, "--out", str(data)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def one_thread() -> dict[str, str]:
    """The environment of commands: tests share the machine."""
    return {**os.environ, "OMP_NUM_THREADS": "1"}
