"""`openseg eval mini-family`: every model of the mini family against its floors, no pipeline."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg.cli import console
from openseg.io.files import check_writable, write_atomic

if TYPE_CHECKING:
    from openseg.mini.family import Result

NAME = "mini-family"
ABOUT = "The mini models one by one, on held-out rooms: detector, segmenter, encoders, ..."
SCORES, TABLE = "family.json", "family.md"


def evaluate_family(
    data: Path, out: Path, *, weights: str, device: str, dtype: str, as_json: bool
) -> None:
    """Renders the test scenes that are missing, scores the models, writes and prints the scores.

    Args:
        data: The folder that holds the data sets.
        out: Where `family.json` and `family.md` are written.
        weights: A profile or a folder of checkpoints.
        device: As in `openseg.load`.
        dtype: As in `openseg.load`.
        as_json: Whether to print one JSON object, not a table.

    Raises:
        UserError: If a folder cannot be written to.
    """
    from openseg.mini.family import EXAMS, measure, render_tests, without_weights
    from openseg.models.store import ModelStore

    check_writable(out)
    scenes = data / "mini" / "family"
    begin = time.perf_counter()
    store = ModelStore(weights, device, dtype)
    missing = without_weights(store)
    for model, reason in missing.items():
        console.note(f"{model} is left out: {reason}")
    render_tests(scenes)
    results = measure(scenes, store, [model for model in EXAMS if model not in missing])
    scores = as_object(results, missing, time.perf_counter() - begin)
    write_atomic(out / SCORES, f"{json.dumps(scores, indent=1)}\n".encode())
    write_atomic(out / TABLE, as_markdown(results).encode())
    if as_json:
        console.say_json(scores)
    else:
        console.say(as_text(results))


def as_object(
    results: Sequence[Result], missing: Mapping[str, str], seconds: float
) -> dict[str, Any]:
    """The object of `--json`: by model, split and measure.

    Args:
        results: Every score.
        missing: Models without weights, with the reason.
        seconds: What it all took, rendering included.
    """
    models: dict[str, dict[str, dict[str, Any]]] = {}
    for one in results:
        models.setdefault(one.model, {}).setdefault(one.split, {})[one.name] = one.as_dict()
    return {
        "benchmark": NAME,
        "models": models,
        "missing": dict(missing),
        "holds": not missing and all(one.holds for one in results),
        "seconds": round(seconds, 1),
    }


HEAD = ["model", "measure", "test-seen", "floor", "test-unseen", "floor"]


def as_text(results: Sequence[Result]) -> str:
    """A plain table; a score below its floor is marked."""
    return console.table(_rows(results), HEAD)


def as_markdown(results: Sequence[Result]) -> str:
    """The same as a Markdown table."""
    lines = [HEAD, ["---"] * len(HEAD), *_rows(results)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rows(results: Sequence[Result]) -> list[list[str]]:
    rows: dict[tuple[str, str], list[str]] = {}
    for one in results:
        row = rows.setdefault((one.model, one.name), [one.model, one.name])
        row += [_value(one), "" if one.floor is None else f"{one.floor:.2f}"]
    return list(rows.values())


def _value(one: Result) -> str:
    if not one.score.count:
        return "-"
    missed = "" if one.holds else " below"
    return f"{one.score.value:.3f} (n={one.score.count}){missed}"
