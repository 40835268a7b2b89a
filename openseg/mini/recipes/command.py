"""The command line that all recipes share."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from openseg.mini.recipes.training import Plan
from openseg.models.runtime import resolve_device

Train = Callable[..., dict[str, float]]
"""Takes `data`, `out` and a plan, and by name `start`, `device`, `workers`, `seed`, `resume`."""


def run(about: str | None, train: Train, plan: Plan, rendered: bool = True) -> None:
    """Read the command line of a recipe and train.

    Args:
        about: what ``--help`` says of the recipe.
        train: the recipe.
        plan: how it trains where the user says nothing.
        rendered: whether it needs the rendered splits.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, required=rendered, help="folder of rendered splits")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights and log")
    parser.add_argument("--start", type=Path, help="weights to start from where their shapes fit")
    parser.add_argument("--steps", type=int, default=plan.steps)
    parser.add_argument("--budget-minutes", type=float, default=math.inf)
    parser.add_argument("--report-minutes", type=float, default=plan.report_minutes)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--workers", type=int, default=0, help="processes that make batches")
    parser.add_argument("--scale", type=int, default=1, help="times the usual batch, for a GPU")
    given = parser.parse_args()
    plan = replace(
        plan,
        steps=given.steps,
        minutes=given.budget_minutes,
        report_minutes=given.report_minutes,
        scale=given.scale,
    )
    train(
        given.data,
        given.out,
        plan,
        start=given.start,
        device=resolve_device(given.device).type,
        workers=given.workers,
        seed=given.seed,
        resume=given.resume,
    )
