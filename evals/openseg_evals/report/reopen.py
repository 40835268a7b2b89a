"""Reads a finished evaluation from its folder: its numbers, and with the data set its cases.

Nothing is computed that the files do not say, so an evaluation of another machine is read as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError, UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.oracle.waterfall import Waterfall
from openseg_evals.report.gallery import Case, gallery, read_units
from openseg_evals.report.tables import Tables, tables
from openseg_evals.report.text import waterfalls
from openseg_evals.run.benchmark import Source
from openseg_evals.run.folder import STATE, read_state
from openseg_evals.run.predict import TIMINGS
from openseg_evals.run.scoring import RESULTS
from openseg_evals.run.share import share_of
from openseg_evals.samples import AnySample
from openseg_evals.tasks.registry import find_task


@dataclass(frozen=True)
class Finished:
    """What the folder of a finished evaluation holds.

    Attributes:
        folder: Where it lies.
        identity: What was evaluated, as `eval.json` says.
        results: What `results.json` holds.
        tables: Its tables.
        waterfalls: The oracle's, if it was asked.
        units: The lines of `units.jsonl`.
    """

    folder: Path
    identity: Mapping[str, Any]
    results: Mapping[str, Any]
    tables: Tables
    waterfalls: Sequence[Waterfall]
    units: Sequence[Mapping[str, Any]]

    def samples(self, data: Path) -> list[AnySample]:
        """What was asked, in the order of the run.

        Args:
            data: The folder of data sets.

        Raises:
            InputError: If the data set does not lie there.
        """
        source = Source.model_validate(self.identity["benchmark"]["dataset"])
        folder = source.under(data)
        if not folder.is_dir():
            raise InputError("the data set of this evaluation is not here", where=str(folder))
        dataset = load_dataset(source.use, folder, dict(source.options))
        return share_of(dataset.samples, self.identity["limit"], None)

    def sample(self, unit: str, data: Path) -> AnySample:
        """The first sample of a unit.

        Args:
            unit: Its name, as in `units`.
            data: The folder of data sets.

        Raises:
            InputError: If the data set does not lie there.
            UserError: If there is no such unit.
        """
        for one in self.samples(data):
            if one.unit == unit:
                return one
        raise UserError(f"the evaluation has no unit '{unit}'", fix="choose one of its table")

    def cases(self, pipeline: str, data: Path) -> Mapping[str, Sequence[Case]]:
        """Best, median and worst cases of a pipeline, drawn.

        Args:
            pipeline: One of `results["pipelines"]`.
            data: The folder of data sets.

        Raises:
            InputError: If the data set or the predictions are not there any more.
        """
        folder = self.folder / "predictions" / pipeline
        if not folder.is_dir():
            raise InputError("the predictions are not here any more", where=str(folder))
        task = find_task(self.identity["benchmark"]["task"])
        return gallery(
            pipeline,
            self.units,
            self.samples(data),
            task(folder, dict(self.results["conventions"])),
            higher_is_better=self.results["higher_is_better"],
        )


def reopen(folder: Path) -> Finished:
    """Reads a finished evaluation.

    Args:
        folder: What `openseg eval --out` left.

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
        return Finished(
            folder,
            state["identity"],
            results,
            tables(results, costs),
            waterfalls(results),
            read_units(folder),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"the evaluation cannot be read ({type(error).__name__})"
        raise InputError(what, where=where, fix="make it again with `openseg eval`") from error
