"""Compare: two to six answers on one image, zoomed together, and where they agree."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from openseg_ui.server.agreement import agreement, parts
from openseg_ui.session import link
from openseg_ui.views.compare_choice import LEAST, MOST, chosen_runs
from openseg_ui.views.compared import Compared
from openseg_ui.widgets.faults import hint, plain
from openseg_ui.widgets.picture import Layer, picture


def page() -> None:
    """Draws the page."""
    runs = chosen_runs()
    if len(runs) < LEAST:
        hint(f"Choose {LEAST} to {MOST} methods, runs or run folders on the left.")
        for one in runs:
            picture(one.photo, one.layer, key="compare photo")
        return
    if len({run.photo.digest for run in runs}) > 1:
        st.warning("These runs are of different images, so that they cannot be compared.")
        return
    side, together = st.tabs(["Side by side", "Agreement"], key="view", bind="query-params")
    with side:
        _side_by_side(runs)
    with together:
        _agreement(runs)


def _side_by_side(runs: Sequence[Compared]) -> None:
    across = 2 if len(runs) in {2, 4} else 3
    for first in range(0, len(runs), across):
        for column, run in zip(st.columns(across), runs[first : first + across], strict=False):
            with column:
                st.markdown(f"**{plain(run.name)}** :gray[{plain(run.about)}]")
                picture(run.photo, run.layer, key=f"compare {run.layer.key}", group="compare")
                icon = ":material/account_tree:"
                link("inside", "Look inside", icon, **run.address)


def _agreement(runs: Sequence[Compared]) -> None:
    masks = [run.masks for run in runs]
    found = agreement(masks)
    names = [f"{i} {run.name}" for i, run in enumerate(runs, start=1)]
    labels = ["all agree", "some differ", *(f"only {name}" for name in names)]
    left, right = st.columns([3, 2])
    with left:
        key = " ".join(run.layer.key for run in runs)
        layer = Layer(key, parts(found, masks), labels=labels)
        picture(runs[0].photo, layer, key="compare agreement", named=False)
    with right:
        numbers = [str(i) for i in range(1, len(runs) + 1)]
        st.markdown("##### Overlap :gray[IoU of what two runs cover]")
        table = pd.DataFrame(found.iou, index=names, columns=numbers)
        form = {name: st.column_config.NumberColumn(name, format="%.3f") for name in numbers}
        st.dataframe(table, column_config=form)
        st.caption("Point at a name below the picture to see one part alone.")
