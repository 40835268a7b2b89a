"""``python -m openseg.mini.recipes.parser``: read the command line and train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openseg.mini.recipes.command import run
from openseg.mini.recipes.parser import train as recipe
from openseg.mini.recipes.training import Plan


def _train(_data: Path, out: Path, plan: Plan, **given: Any) -> dict[str, float]:
    """The recipe as the command line calls all of them; this one makes its data as it begins."""
    del given["workers"]
    return recipe.train(out, plan, **given)


if __name__ == "__main__":
    run(recipe.__doc__, _train, recipe.PLAN, rendered=False)
