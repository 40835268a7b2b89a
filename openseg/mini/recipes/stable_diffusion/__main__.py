"""Read the command line and train `mini-sd`."""

from __future__ import annotations

from openseg.mini.recipes import stable_diffusion
from openseg.mini.recipes.stable_diffusion.train import train
from openseg.mini.recipes.training import Plan, read_arguments


def main() -> None:
    """Train with the recipe's settings."""
    given = read_arguments(stable_diffusion.__doc__, steps=30_000)
    plan = Plan(
        given.steps,
        given.budget_minutes,
        1e-3,
        weight_decay=0.01,
        warmup=100,
        ema=0.998,
        report_minutes=given.report_minutes,
    )
    train(given.data, given.out, plan, seed=given.seed, resume=given.resume)


if __name__ == "__main__":
    main()
