"""Single cases of an evaluation: pictures of best, median and worst, and all of them by score."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from openseg.types.errors import OpensegError
from openseg_evals.report.gallery import MISSED, RIGHT, WRONG, Case
from openseg_evals.report.reopen import Finished, reopen
from openseg_ui.session import hub, link
from openseg_ui.widgets.faults import hint, plain

_COLUMNS = 4
_KEY = "".join(
    f'<span style="margin-right:1.4em"><i style="display:inline-block;width:.9em;height:.9em;'
    f'border-radius:3px;margin-right:.4em;background:rgb{colour}"></i>{word}</span>'
    for word, colour in (("right", RIGHT), ("missed", MISSED), ("too much", WRONG))
)


def show_cases(found: Finished) -> None:
    """Shows what a pipeline does on single units.

    Args:
        found: The evaluation.
    """
    names = list(found.results["pipelines"])
    name = st.segmented_control(
        "Pipeline", names, default=names[0], required=True, key="pipeline", bind="query-params"
    )
    if name is None:
        return
    _pictures(found, name)
    rows = [
        {"unit": one["unit"], "score": one["scores"].get(name), **one["tags"]}
        for one in found.units
    ]
    rising = bool(found.results["higher_is_better"])
    table = pd.DataFrame(rows).sort_values("score", ascending=rising, na_position="first")
    most = max(1.0, float(table["score"].max()))
    bar = st.column_config.ProgressColumn("score", min_value=0.0, max_value=most, format="%.3f")
    st.markdown(f"##### All units :gray[{plain(found.results['unit_score'])}, worst first]")
    chosen = st.dataframe(
        table,
        column_config={"score": bar},
        hide_index=True,
        height=420,
        key=f"units {found.folder} {name}",
        on_select="rerun",
        selection_mode="single-row",
    )
    picked = chosen["selection"]["rows"]
    if picked:
        unit = str(table.iloc[picked[0]]["unit"])
        _link(found, name, unit, f"Look inside unit {plain(unit)}")
    else:
        st.caption("Choose a unit to look inside.")


def _pictures(found: Finished, name: str) -> None:
    data = hub().settings.data
    if data is None:
        hint("Start the server with --data and the folder of the data sets to see the pictures.")
        return
    try:
        groups = _cases(str(found.folder), found.results["units"], name, data)
    except OpensegError as error:
        hint(f"There are no pictures: {plain(error)}")
        return
    st.html(_KEY)
    for group, cases in groups.items():
        if cases:
            st.markdown(f"##### {group.capitalize()}")
        for column, case in zip(st.columns(_COLUMNS), cases, strict=False):
            with column:
                _case(found, name, case)


def _case(found: Finished, pipeline: str, case: Case) -> None:
    if case.picture:
        st.image(io.BytesIO(case.picture), alt=f"{case.asked}: {case.score:.2f}", width="stretch")
    else:
        hint("The picture cannot be read.")
    st.markdown(f"**{case.score:.2f}** {plain(case.asked)}")
    _link(found, pipeline, case.unit, "Look inside")


def _link(found: Finished, pipeline: str, unit: str, label: str) -> None:
    where = {"folder": str(found.folder), "method": pipeline, "unit": unit}
    link("inside", label, ":material/account_tree:", **where)


@st.cache_resource(max_entries=8, show_spinner="Drawing the cases")
def _cases(folder: str, units: int, pipeline: str, data: str) -> Mapping[str, Sequence[Case]]:
    return reopen(Path(folder)).cases(pipeline, Path(data))
