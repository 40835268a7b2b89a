"""What must not be loaded: the command line and the checks answer before torch could."""

from __future__ import annotations

import subprocess
import sys


def modules_after(code: str) -> set[str]:
    """Top-level modules loaded by a fresh interpreter that runs the code."""
    program = f"{code}\nimport sys; print('\\n'.join(m for m in sys.modules if '.' not in m))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


HEAVY = {"torch", "transformers", "torchvision", "PIL", "scipy", "pyvista"}


def test_importing_openseg_loads_nothing_heavy():
    assert not modules_after("import openseg") & {*HEAVY, "networkx", "pydantic"}


def test_the_command_line_starts_without_anything_heavy():
    assert not modules_after("import openseg.cli.main") & {*HEAVY, "networkx", "pydantic"}


def test_validating_every_pipeline_loads_no_torch():
    code = (
        "from openseg.graph.loader import check, pipeline_names\n"
        "from openseg.models.store import ModelStore\n"
        "assert all(check(name, ModelStore()) == [] for name in pipeline_names())"
    )
    assert not modules_after(code) & {"torch", "transformers", "torchvision"}
