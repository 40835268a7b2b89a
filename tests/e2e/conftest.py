"""The shipped mini-ref on a few scenes, rendered once a session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from openseg_evals.run.benchmark import find_benchmarks

SCENES = 2


@pytest.fixture(scope="session")
def short_mini_ref(tmp_path_factory) -> Path:
    """A folder with `mini-ref.yaml`, the shipped benchmark on fewer scenes.

    The first who runs it renders them, in a process of its own, into `data` in the same folder.
    """
    pytest.importorskip("pyvista")
    folder = tmp_path_factory.mktemp("mini-ref")
    [shipped] = find_benchmarks("mini-ref")
    content = shipped.model_dump(mode="json", exclude={"name"})
    content["dataset"]["scenes"] = SCENES
    (folder / "mini-ref.yaml").write_text(yaml.safe_dump(content))
    return folder


@pytest.fixture(scope="session")
def one_thread() -> dict[str, str]:
    """The environment of commands: tests share the machine."""
    return {**os.environ, "OMP_NUM_THREADS": "1"}
