"""Evaluation folders, read as a page needs them: half-written, newer and vanished ones are told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.oracle.waterfall import Waterfall
from openseg_evals.report.gallery import read_units
from openseg_evals.report.tables import Tables, tables
from openseg_evals.report.text import waterfalls
from openseg_evals.run.folder import STATE, read_state

RESULTS, TIMINGS = "results.json", "timings.json"


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation folder holds.

    Attributes:
        folder: Where it lies.
        results: What `results.json` holds.
        tables: Its tables.
        waterfalls: The oracle's, if it was asked.
        units: The lines of `units.jsonl`.
        identity: What `eval.json` says was evaluated.
    """

    folder: Path
    results: Mapping[str, Any]
    tables: Tables
    waterfalls: Sequence[Waterfall]
    units: Sequence[Mapping[str, Any]]
    identity: Mapping[str, Any]


def read_evaluation(folder: Path) -> Evaluation:
    """Reads a finished evaluation.

    Raises:
        InputError: If it is not finished, damaged, gone, or of a newer openseg.
    """
    state = read_state(folder)
    where = str(folder)
    if state is None:
        raise InputError(f"there is no {STATE} here any more", where=where, fix="choose another")
    if not (folder / RESULTS).is_file():
        what = f"the evaluation is not finished: {state['samples']} samples are done"
        raise InputError(what, where=where, fix="give the same `openseg eval` command again")
    try:
        results = json.loads((folder / RESULTS).read_text("utf-8"))
        costs = json.loads((folder / TIMINGS).read_text("utf-8"))
        units = read_units(folder)
        return Evaluation(
            folder, results, tables(results, costs), waterfalls(results), units, state["identity"]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"the evaluation cannot be read ({type(error).__name__})"
        raise InputError(what, where=where, fix="make it again with `openseg eval`") from error
