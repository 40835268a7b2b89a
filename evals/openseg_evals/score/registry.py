"""What `openseg score` can compute: tables that import nothing heavy.

A row names the module with `tally(gt, pred, options)`, the two official formats and the named
conventions with their defaults. Other packages add rows through the entry-point group
`openseg.metrics` (name -> `module:ROW`).
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from openseg.types.errors import InputError, UserError
from openseg_evals.score.tables import dense, instances, referring, scenes, single_masks
from openseg_evals.score.tables.metric import Metric, Scorer

if TYPE_CHECKING:  # a tally needs NumPy
    from openseg_evals.tally import Tally

GROUP = "openseg.metrics"

METRICS: dict[str, Metric] = {
    **dense.ROWS,
    **instances.ROWS,
    **referring.ROWS,
    **scenes.ROWS,
    **single_masks.ROWS,
}


def metric_names() -> list[str]:
    """Every metric there is, sorted."""
    return sorted({*METRICS, *(one.name for one in entry_points(group=GROUP))})


def find_metric(name: str) -> Metric:
    """The row of a metric.

    Raises:
        UserError: If there is none; with the nearest name.
    """
    if name in METRICS:
        return METRICS[name]
    for point in entry_points(group=GROUP, name=name):
        return cast("Metric", point.load())
    near = get_close_matches(name, metric_names(), n=1, cutoff=0.5)
    fix = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(metric_names())}"
    raise UserError(f"no metric {name!r}", fix=fix)


def resolve_conventions(name: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """The value of every convention of a metric.

    Args:
        name: The metric.
        chosen: What the user chose.

    Returns:
        The user's choices over the defaults.

    Raises:
        UserError: If a convention or a value does not exist.
    """
    conventions = find_metric(name).conventions
    for key, value in chosen.items():
        if key not in conventions:
            there = ", ".join(conventions) or "none"
            raise UserError(f"{name} has no convention {key!r}", fix=f"it has: {there}")
        choices = conventions[key].choices
        if choices and value not in choices:
            raise UserError(f"{key}={value} does not exist", fix=f"choose {' or '.join(choices)}")
    return {key: chosen.get(key, one.default) for key, one in conventions.items()}


def tally(name: str, gt: Path, pred: Path, chosen: Mapping[str, str]) -> Tally:
    """Counts prediction files against truth files, unit by unit.

    Args:
        name: The metric.
        gt: The truth, in the metric's official format.
        pred: The predictions.
        chosen: Conventions the user chose.

    Returns:
        The counts, to be scored as a whole or in any selection of units.

    Raises:
        UserError: If the metric, a convention or a file is wrong.
    """
    options = resolve_conventions(name, chosen)
    for path, flag in ((gt, "--gt"), (pred, "--pred")):
        if not path.exists():
            raise InputError(f"{flag} does not exist", where=str(path), fix="check the path")
    module, _, function = find_metric(name).module.partition(":")
    scorer = cast("Scorer", getattr(import_module(module), function or "tally"))
    return scorer(gt, pred, options)


def score(name: str, gt: Path, pred: Path, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Scores prediction files against truth files.

    Args:
        name: The metric.
        gt: The truth, in the metric's official format.
        pred: The predictions.
        chosen: Conventions the user chose.

    Returns:
        The official names and their values, and `conventions`, what was chosen.

    Raises:
        UserError: If the metric, a convention or a file is wrong.
    """
    scores = tally(name, gt, pred, chosen).scores()
    options = resolve_conventions(name, chosen)
    return {**scores, "conventions": options} if options else scores
