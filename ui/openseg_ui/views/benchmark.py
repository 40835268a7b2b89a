"""Benchmark: what evaluations came to, with intervals, what each stage costs, and single cases."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from openseg.types.errors import OpensegError
from openseg_evals.oracle.chart import draw_waterfall
from openseg_evals.report.intervals import draw_intervals
from openseg_evals.report.reopen import Finished, reopen
from openseg_evals.report.tables import Table
from openseg_ui.server.folders import folders_with, inside
from openseg_ui.session import hub
from openseg_ui.views.benchmark_cases import show_cases
from openseg_ui.widgets.drawing import drawing
from openseg_ui.widgets.faults import fault, hint, plain


def page() -> None:
    """Draws the page."""
    folder = _choose()
    if folder is None:
        return
    try:
        found = reopen(folder)
    except OpensegError as error:
        fault(error)
        return
    _head(found)
    names = ["Numbers", "Breakdown", "Cases", "Cost"]
    numbers, parts, cases, cost = st.tabs(names, key="tab", bind="query-params")
    with numbers:
        _numbers(found)
    with parts:
        _breakdowns(found)
    with cases:
        if cases.open:  # pictures of cases take a while
            show_cases(found)
    with cost:
        for table in found.tables.run:
            _table(table)


def _choose() -> Path | None:
    roots = hub().settings.roots
    folders = folders_with("eval.json", roots)
    if not folders:
        hint("No evaluation lies in the folders of this server. Make one, then look here:")
        st.code(
            "openseg eval mini-ref --pipeline grounded_sam --pipeline clip_ranked_masks --oracle",
            language="bash",
        )
        st.caption("Folders: " + plain(", ".join(str(root) for root in roots)))
        return None
    given = st.query_params.get("folder")
    chosen = folders[0]
    if given is not None:
        try:
            chosen = inside(given, roots)
        except OpensegError as error:
            fault(error)
    if chosen not in folders:
        folders = [chosen, *folders]
    folder = st.selectbox(
        "Evaluation", folders, folders.index(chosen), format_func=_name, key="benchmark folder"
    )
    st.query_params["folder"] = str(folder)
    return folder


def _name(folder: Path) -> str:
    for root in hub().settings.roots:
        if folder.is_relative_to(root.resolve()) and folder != root.resolve():
            return str(folder.relative_to(root.resolve()))
    return folder.name


def _head(found: Finished) -> None:
    results = found.results
    st.subheader(plain(results["benchmark"]), anchor=False)
    some = (
        ""
        if results["samples"] == results["samples_in_all"]
        else f" of {results['samples_in_all']}"
    )
    conventions = ", ".join(f"{k} = {v}" for k, v in results["conventions"].items() if v)
    st.markdown(
        f"{plain(results['about'])} :gray[{results['samples']}{some} samples, {results['units']} "
        f"units, metric {plain(results['metric'])} ({plain(conventions)})]"
    )


def _numbers(found: Finished) -> None:
    _table(found.tables.scores)
    if svg := draw_intervals(found.results):
        drawing(svg, key=f"intervals {found.folder}")
    if found.waterfalls:
        st.markdown("##### What each stage costs")
    for one in found.waterfalls:
        drawing(draw_waterfall(one), key=f"waterfall {found.folder} {one.name}")
    for table in found.tables.comparisons:
        _table(table)


def _breakdowns(found: Finished) -> None:
    if not found.tables.breakdowns:
        hint("The data set says nothing about its samples that numbers could be split by.")
    columns = st.columns(2)
    for place, table in enumerate(found.tables.breakdowns):
        with columns[place % 2]:
            _table(table)


def _table(table: Table) -> None:
    st.markdown(f"##### {plain(table.title)}")
    st.dataframe(pd.DataFrame(table.rows, columns=table.head), hide_index=True)
    if table.note:
        st.caption(plain(table.note))
