"""Methods are cut from stages that others use: at most two stage files are a method's own.

A file that includes another one and names no paper of its own is a variant of that method: what it
shares with its method does not count as shared, and it may add two stages in its turn.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml

PIPELINES = Path(__file__).parents[3] / "pipelines"
FILES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in PIPELINES.glob("*.yaml")}
MOST = 2


def stages_of(name: str) -> set[str]:
    """The stages of a file's nodes, those it includes among them."""
    return set(_nodes(name).values())


def _nodes(name: str) -> dict[str, str]:
    content = FILES[name]
    nodes = _nodes(content["include"]) if "include" in content else {}
    for node, said in (content.get("nodes") or {}).items():
        if said is None:
            del nodes[node]
        elif "use" in said:
            nodes[node] = said["use"]
    return nodes


def method_of(name: str) -> str:
    """The method a file is a variant of; a file that names its own paper is a method."""
    content = FILES[name]
    if "include" not in content or "paper" in content.get("about", {}):
        return name
    return method_of(content["include"])


def users() -> dict[str, set[str]]:
    """The methods that use each stage, in any variant."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in FILES:
        for stage in stages_of(name):
            found[stage].add(method_of(name))
    return found


@pytest.mark.parametrize("name", sorted(FILES))
def test_at_most_two_stages_are_its_own(name):
    method = method_of(name)
    own = {stage for stage in stages_of(name) if users()[stage] == {method}}
    if name != method:
        own -= stages_of(method)
    assert len(own) <= MOST, f"{name}: {sorted(own)}"


def test_ablations_are_variants_of_what_they_ablate():
    pairs = {"nids_net_plain": "nids_net", "dino_points": "ipseg", "frozenseg_crops": "frozenseg"}
    assert {name: method_of(name) for name in pairs} == pairs
