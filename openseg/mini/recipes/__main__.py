"""``python -m openseg.mini.recipes NAME ...``: run the recipe of one model of the mini family."""

from __future__ import annotations

import runpy
import sys

RECIPES = {
    "grounding-dino": "grounding_dino",
    "sam": "sam",
    "clip": "clip",
    "mask2former": "mask2former",
    "sam3": "sam3",
    "dino": "dino",
    "sd": "stable_diffusion",
    "vlm": "vlm",
    "parser": "parser",
}
"""The package of each model's recipe beside this module; each has a command line."""


def main() -> None:
    """Hand the rest of the command line to the recipe that is named."""
    names = ", ".join(RECIPES)
    if len(sys.argv) < 2 or sys.argv[1] not in RECIPES:
        sys.exit(f"usage: python -m openseg.mini.recipes NAME ...; NAME is one of {names}")
    name = sys.argv.pop(1)
    runpy.run_module(f"openseg.mini.recipes.{RECIPES[name]}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
