"""Tests that have a long form: `make soak` runs it and keeps its figures for `docs/promises.md`."""

from __future__ import annotations

import json
import os
from pathlib import Path

FIGURES = Path(os.environ.get("OPENSEG_SOAK", "")) if os.environ.get("OPENSEG_SOAK") else None
"""File that the long form writes its figures to; None in ordinary runs."""


def times(short: int, full: int) -> int:
    """How often something is tried: rather few times in an ordinary run."""
    return short if FIGURES is None else full


def tell(name: str, **figures: float) -> None:
    """Keep what a test has counted: one line of JSON a test, in the long form only."""
    print(f"{name}: {', '.join(f'{key} {value:g}' for key, value in figures.items())}")  # noqa: T201
    if FIGURES is not None:
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        with FIGURES.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, **figures}) + "\n")
