"""Writes the reports of an evaluation: `report.md`, `report.html`, and the oracle's charts."""

from __future__ import annotations

import json

from openseg.io.files import write_atomic
from openseg_evals.oracle.chart import draw_waterfall
from openseg_evals.report.gallery import gallery, read_units
from openseg_evals.report.markdown import as_markdown
from openseg_evals.report.page import as_page
from openseg_evals.report.tables import tables
from openseg_evals.report.text import waterfalls
from openseg_evals.run.evaluate import Evaluation
from openseg_evals.run.predict import TIMINGS


def write_reports(evaluation: Evaluation) -> None:
    """Writes the reports into the evaluation's folder, charts to `waterfalls/PIPELINE.svg`.

    Everything in them follows from the folder's other files and the data set's pictures; only the
    table of costs differs between runs.
    """
    folder, results = evaluation.folder, evaluation.results
    made = tables(results, json.loads((folder / TIMINGS).read_text("utf-8")))
    steps = waterfalls(results)
    units = read_units(folder)
    cases = {
        name: gallery(
            name,
            units,
            evaluation.samples,
            evaluation.predictions[name],
            higher_is_better=results["higher_is_better"],
        )
        for name in results["pipelines"]
    }
    for one in steps:
        write_atomic(folder / "waterfalls" / f"{one.name}.svg", draw_waterfall(one).encode())
    write_atomic(folder / "report.md", as_markdown(results, made, steps).encode())
    write_atomic(folder / "report.html", as_page(results, made, steps, cases).encode())
