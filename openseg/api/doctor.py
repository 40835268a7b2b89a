"""An examination of this machine: packages, device, and which methods can run now."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from openseg.graph.loader import Problem, check, load, missing_weights, pipeline_names
from openseg.models.store import ModelStore

PACKAGES = {
    "torch": "",
    "torchvision": "",
    "transformers": "",
    "open_clip_torch": "clip",
    "segment-anything": "sam",
    "rf_groundingdino": "groundingdino",
    "supervision": "supervision",
    "pyvista": "world",
}
"""Packages worth naming, with the extra that installs each; empty for those always there."""


@dataclass(frozen=True)
class Report:
    """What `examine` found.

    Attributes:
        device: The device a run would use, in words.
        packages: Version of each package, or None if it is not installed.
        ready: The shipped methods that can run now.
        problems: What stands in the way of the others.
    """

    device: str
    packages: dict[str, str | None]
    ready: list[str]
    problems: list[Problem]


def examine(weights: str = "mini") -> Report:
    """Examines this machine without loading any weight.

    Args:
        weights: The profile or folder the methods would run with.
    """
    store = ModelStore(weights=weights)
    ready, problems = [], []
    for name in pipeline_names():
        found = check(name, store) or missing_weights(load(name, store), store)
        problems += [Problem(f"method '{name}', {p.where}", p.what, p.fix) for p in found]
        if not found:
            ready.append(name)
    packages = {name: _version(name) for name in PACKAGES}
    return Report(str(store.device), packages, ready, problems)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
