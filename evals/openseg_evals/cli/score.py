"""`openseg score METRIC`: official files in, numbers out; no model, no GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from openseg.cli import console
from openseg.types.errors import UserError
from openseg_evals.score.registry import find_metric, metric_names


def _epilog() -> str:
    """The metrics, their formats and their conventions, for `--help`."""
    lines = ["Metrics:", ""]
    for name in metric_names():
        metric = find_metric(name)
        lines += [f"{name}  {metric.summary}", f"  --gt    {metric.gt}", f"  --pred  {metric.pred}"]
        for key, one in metric.conventions.items():
            values = "|".join(one.choices) or "..."
            default = f" [{one.default}]" if one.default else ""
            lines.append(f"  --set   {key}={values}{default}: {one.about}")
        lines.append("")
    return "\n\n\b\n" + "\n".join(lines).replace("\n\n", "\n\n\b\n")


def score(
    metric: Annotated[str, typer.Argument(help="Which metric; the list is below.")],
    gt: Annotated[Path, typer.Option("--gt", help="The truth: an official file or folder.")],
    pred: Annotated[Path, typer.Option("--pred", help="The predictions: a file or folder.")],
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="Choose a convention: key=value.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score prediction files with an official metric."""
    from openseg_evals.score import registry

    scores = registry.score(metric, gt, pred, dict(_pair(one) for one in sets or []))
    if json_:
        console.say_json(scores)
    else:
        console.say(console.table(_rows(scores), [metric, ""]))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UserError(f"--set {text} is not key=value", fix="write --set key=value")
    return key, value


def _rows(scores: dict[str, Any], prefix: str = "") -> list[list[str]]:
    rows = []
    for key, value in scores.items():
        if isinstance(value, dict):
            rows += _rows(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            rows += _rows({str(place): one for place, one in enumerate(value)}, f"{prefix}{key}.")
        else:
            rows.append([prefix + key, f"{value:.6g}" if isinstance(value, float) else str(value)])
    return rows


def register(app: typer.Typer) -> None:
    """Adds the verb to the `openseg` command."""
    app.command(epilog=_epilog())(score)
