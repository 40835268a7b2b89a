"""What makes a node's address change, and what does not."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from openseg.graph import address
from openseg.graph.address import code_version, definition_of, node_address
from openseg.graph.graph import Node
from openseg.stages.propose.detect import Detect
from tests.graph.tiny import Find, Weigh

FINGERPRINTS = {"small": "a", "large": "b"}


def find(name="find", scale=1.0, family="small") -> Node:
    return Node(name, Find, Find.Config(scale=scale), {}, {"finder": family})


def test_a_definition_is_stage_settings_and_weights():
    base = definition_of(find(), FINGERPRINTS)
    assert definition_of(find(name="other"), FINGERPRINTS) == base
    assert definition_of(find(), {"small": "a"}) == base
    assert definition_of(find(family="large"), {**FINGERPRINTS, "large": "a"}) == base
    different = {
        definition_of(find(scale=2.0), FINGERPRINTS),
        definition_of(find(family="large"), FINGERPRINTS),
        definition_of(find(), {"small": "c"}),
        definition_of(Node("find", Weigh, Weigh.Config(), {}, {}), {}),
    }
    assert len(different - {base}) == 4


def test_settings_without_a_json_number_are_told_apart():
    infinite = definition_of(find(scale=float("inf")), FINGERPRINTS)
    assert len({infinite, definition_of(find(scale=float("-inf")), FINGERPRINTS)}) == 2


def test_a_node_address_knows_ports_and_definitions():
    addresses = {
        node_address("d", {"a": "1", "b": "2"}),
        node_address("d", {"a": "2", "b": "1"}),
        node_address("e", {"a": "1", "b": "2"}),
        node_address("d", {"a": "1"}),
    }
    assert len(addresses) == 4
    assert node_address("d", {"b": "2", "a": "1"}) in addresses


def test_addresses_are_equal_in_every_process():
    code = (
        "from openseg.graph.address import code_version\n"
        "from openseg.stages.propose.detect import Detect\n"
        "print(code_version(Detect))"
    )
    fresh = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert fresh.stdout.strip() == code_version(Detect)


STAGE = """
from typing import NamedTuple
from openseg.graph.stage import Batch, Stage
from openseg.types import Scores
{imports}

class Shift(Stage):
    name = "outside.shift"
    class Outputs(NamedTuple):
        scores: Batch[Scores]
    def run(self, scores: Batch[Scores]) -> Outputs:
        {body}
        return self.Outputs(scores)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes files of an outside package and gives the code version of its stage."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(**files: str) -> str:
        for name, text in files.items():
            path = tmp_path / "outside" / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text)
            (path.parent / "__init__.py").touch()
        for name in [name for name in sys.modules if name.split(".")[0] == "outside"]:
            del sys.modules[name]
        importlib.invalidate_caches()
        return code_version(importlib.import_module("outside.stage").Shift)

    return write


@pytest.mark.parametrize(
    ("imports", "body"),
    [
        ("from outside.helper import shift", "pass"),
        ("from .helper import shift", "pass"),
        ("from . import helper", "pass"),
        ("import outside.helper", "pass"),
        ("", "from outside.helper import shift"),
        ("from outside.between import shift", "pass"),
    ],
)
def test_code_a_stage_imports_from_its_own_package_is_its_code(package, imports, body):
    files = {
        "stage": STAGE.format(imports=imports, body=body),
        "between": "from outside.helper import shift",
        "unrelated": "x = 1",
    }
    base = package(**files, helper="def shift(x): return x + 1")
    assert package(**files, helper="def shift(x): return x + 1") == base
    assert package(**files, helper="def shift(x): return x + 2") != base
    files["unrelated"] = "x = 2"
    assert package(**files, helper="def shift(x): return x + 1") == base


def test_a_stages_own_code_and_its_bases_are_its_code(package):
    base = "class Base:\n    x = {}\n"
    stage = STAGE.format(imports="from other.base import Base", body="pass").replace(
        "(Stage)", "(Base, Stage)"
    )
    one = package(stage=STAGE.format(imports="", body="pass"))
    assert package(stage=STAGE.format(imports="", body="1 + 1")) != one
    other = Path(sys.path[0]) / "other"
    other.mkdir()
    versions = []
    for x in (1, 2):
        (other / "base.py").write_text(base.format(x))
        sys.modules.pop("other.base", None)
        versions.append(package(stage=stage))
    assert versions[0] != versions[1]


def test_the_code_of_ops_and_types_is_every_stages(monkeypatch, tmp_path):
    before = code_version(Find)
    monkeypatch.setattr(address, "_versions", {})
    monkeypatch.setattr(address, "SHARED_CODE", ("openseg.types",))
    address._shared_code.cache_clear()
    try:
        assert code_version(Find) != before
    finally:
        address._shared_code.cache_clear()


def test_a_stage_typed_into_a_console_shares_nothing():
    code = STAGE.format(imports="", body="pass") + (
        "\nfrom openseg.graph.address import code_version\nprint(code_version(Shift))"
    )
    versions = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
        for _ in range(2)
    }
    assert len(versions) == 2
