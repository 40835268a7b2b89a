"""The command line that all recipes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from openseg.mini.recipes.training import Plan, read_arguments
from openseg.models.runtime import resolve_device

Train = Callable[..., dict[str, float]]
"""Takes `data`, `out` and a plan, and by name `start`, `device`, `workers`, `seed`, `resume`."""


def run(about: str | None, train: Train, plan: Plan) -> None:
    """Read the command line of a recipe and train.

    Args:
        about: what ``--help`` says of the recipe.
        train: the recipe.
        plan: how it trains where the user says nothing.
    """
    given = read_arguments(about, steps=plan.steps, report_minutes=plan.report_minutes)
    plan = replace(
        plan,
        steps=given.steps,
        minutes=given.budget_minutes,
        report_minutes=given.report_minutes,
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
