"""What a node gave, each port in the way that suits its type."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from openseg.graph.graph import Source
from openseg.graph.stage import signature_of
from openseg.types import (
    Boxes,
    Descriptions,
    Heatmaps,
    Image,
    Masks,
    Phrases,
    Points,
    RegionEmbeddings,
    Rows,
    Scores,
    Similarity,
    TextEmbeddings,
    TextQuery,
)
from openseg_ui.server.runs import Prompts, Run
from openseg_ui.views.inside_words import show_answers
from openseg_ui.widgets.faults import hint, plain
from openseg_ui.widgets.picture import Layer, picture
from openseg_ui.widgets.plane import plane

Ports = dict[str, Any]


def show_node(run: Run, node: str) -> None:
    """Shows every value of a node.

    Args:
        run: The run.
        node: The node's name; empty for what the user gave.
    """
    ports = _ports(run, node)
    if not ports:
        hint("Nothing is kept of this node: nobody needed what it gives.")
        return
    regions = _regions(run, node, ports)
    key = f"inside {run.id} {node}"
    left, right = st.columns([3, 2])
    with left:
        picture(
            run.photo,
            regions,
            key=key,
            prompts=_prompts(ports),
            revision=f"{run.id} {node}",
            selected=_chosen(f"{key} rows"),
        )
    with right:
        if (table := _columns(run, ports)) is not None:
            _show_rows(table, f"{key} rows")
        for port, value in ports.items():
            show_value(value, port, run)
    if node:
        _settings(run, node)


def _ports(run: Run, node: str) -> Ports:
    graph, values = run.result.graph, run.result.values
    names = list(signature_of(graph.nodes[node].stage).outputs) if node else list(graph.inputs)
    found = {port: values.get(Source(node, port)) for port in names}
    return {port: value for port, value in found.items() if value is not None}


def _of(ports: Ports, kind: type) -> Any:
    return next((value for value in ports.values() if isinstance(value, kind)), None)


def _regions(run: Run, node: str, ports: Ports) -> Layer | None:
    """Boxes and masks of a node; what only speaks of regions is drawn over those it read."""
    rows = _of(ports, Masks) or _of(ports, Boxes)
    if rows is None and node:
        rows = _regions_before(run, node, {len(v) for v in ports.values() if hasattr(v, "__len__")})
    if rows is None or not len(rows):
        return None
    scores, phrases = _of(ports, Scores), _of(ports, Phrases)
    count = len(rows)
    return Layer(
        f"{run.id} {node}",
        rows.data if isinstance(rows, Masks) else None,
        rows.xyxy if isinstance(rows, Boxes) else None,
        [one.text for one in phrases.items] if phrases and len(phrases) == count else (),
        scores.values.tolist() if scores is not None and len(scores) == count else None,
    )


def _regions_before(run: Run, node: str, counts: set[int]) -> Masks | Boxes | None:
    """The nearest regions upstream that are as many as the node's rows."""
    queue = [node]
    while queue:
        sources = run.result.graph.nodes[queue.pop(0)].inputs.values()
        for source in sources:
            value = run.result.values.get(source)
            if isinstance(value, (Masks, Boxes)) and len(value) in counts:
                return value
        queue += [source.node for source in sources if source.node]
    return None


def _prompts(ports: Ports) -> Prompts:
    points = _of(ports, Points)
    if points is None:
        return Prompts()
    found: dict[int, set[tuple[float, ...]]] = {0: set(), 1: set()}
    for xy, label in zip(
        points.xy.reshape(-1, 2).tolist(), points.labels.flatten().tolist(), strict=True
    ):
        found.get(label, set()).add(tuple(xy))
    return Prompts(tuple(sorted(found[1])), negative_points=tuple(sorted(found[0])))


def _columns(run: Run, ports: Ports) -> pd.DataFrame | None:
    """What a node says of each region, side by side."""
    columns: dict[str, list[Any]] = {}
    for port, value in ports.items():
        match value:
            case Scores():
                columns[port] = value.values.tolist()
            case Phrases():
                columns[port] = [one.text for one in value.items]
            case Rows():
                columns[f"{port} (row before)"] = value.index.tolist()
            case Boxes():
                columns[port] = [", ".join(f"{v:.0f}" for v in row) for row in value.xyxy.tolist()]
            case Similarity():
                names = _phrases(run, value.values.shape[1])
                columns |= dict(zip(names, value.values.T.tolist(), strict=True))
            case Descriptions():
                columns |= _answers(run, port, value)
            case Masks():
                columns[f"{port} (pixels)"] = value.data.flatten(1).sum(1).tolist()
            case _:
                pass
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or lengths == {0}:
        return None
    return pd.DataFrame({"region": range(lengths.pop()), **columns})


def _show_rows(table: pd.DataFrame, key: str) -> None:
    """A table whose chosen row is emphasised on the picture."""
    numbers = table.select_dtypes("float")
    low, high = min(0.0, float(numbers.min().min())), max(1.0, float(numbers.max().max()))
    bars = {
        name: st.column_config.ProgressColumn(name, min_value=low, max_value=high, format="%.3f")
        for name in numbers.columns
    }
    st.dataframe(
        table,
        column_config=bars,
        height=min(420, 38 + 35 * len(table)),
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
    )


def _chosen(key: str) -> int | None:
    """The row that is chosen in a table."""
    state = st.session_state.get(key)
    rows = state["selection"]["rows"] if state else []
    return rows[0] if rows else None


@singledispatch
def show_value(value: object, port: str, run: Run) -> None:
    """Shows a value beside the picture; what is on the picture or in the table needs no more."""
    if type(value) not in {Boxes, Image, Masks, Phrases, Points, Rows, Scores, Similarity}:
        st.markdown(f"**{plain(port)}** :gray[{plain(type(value).__name__)}]")
        st.code(str(value)[:2000], wrap_lines=True)


@show_value.register
def _(value: TextQuery, port: str, run: Run) -> None:
    st.markdown(f"**{plain(port)}** :gray[{plain(value.text)}]")
    st.markdown(" ".join(f":blue-badge[{plain(one.text)}]" for one in value.phrases))


@show_value.register
def _(value: RegionEmbeddings, port: str, run: Run) -> None:
    names = [str(row) for row in range(len(value))]
    _show_plane(port, value.vectors, names)


@show_value.register
def _(value: TextEmbeddings, port: str, run: Run) -> None:
    _show_plane(port, value.vectors, _phrases(run, value.vectors.shape[0]))


@show_value.register
def _(value: Heatmaps, port: str, run: Run) -> None:
    names = _phrases(run, len(value)) if len(value) else []
    if not names:
        return
    row = st.segmented_control(
        port,
        range(len(names)),
        default=0,
        required=True,
        format_func=lambda row: plain(names[row]),
        key=f"heat {run.id} {port}",
    )
    picture(run.photo, key=f"heat picture {run.id} {port}", heat=value.values[row or 0])


@show_value.register
def _(value: Descriptions, port: str, run: Run) -> None:
    show_answers(value, port, row_names(run, len(value)))


def row_names(run: Run, count: int) -> list[str]:
    """What rows that are neither masks nor boxes speak of: phrases, the image, or regions."""
    names = _phrases(run, count)
    return ["the image"] if count == 1 and names == ["0"] else names


def _answers(run: Run, port: str, value: Descriptions) -> dict[str, list[str]]:
    """The answers of each row, a column each where regions are judged by phrases."""
    rows = [value.row(row) for row in range(len(value))]
    names = [port] if value.columns == 1 else _phrases(run, value.columns)
    return {name: [one[place].text for one in rows] for place, name in enumerate(names)}


def _phrases(run: Run, count: int) -> list[str]:
    """The query's phrases where there are as many, else numbers."""
    query = _of({str(k): v for k, v in run.result.values.items()}, TextQuery)
    texts = [one.text for one in query.phrases] if query is not None else []
    unique = list(dict.fromkeys(texts))
    return texts if len(texts) == count == len(unique) else [f"{row}" for row in range(count)]


def _show_plane(port: str, vectors: Any, names: list[str]) -> None:
    if len(names) < 3:
        st.markdown(f"**{plain(port)}** :gray[{len(names)} vectors of {vectors.shape[1]} numbers]")
        return
    found = plane(vectors)
    table = pd.DataFrame({"x": found.xy[:, 0], "y": found.xy[:, 1], "name": names})
    st.markdown(
        f"**{plain(port)}** :gray[{len(names)} vectors in the plane that keeps most of their "
        f"differences ({found.share:.0%})]"
    )
    dots = alt.Chart(table).encode(
        x=alt.X("x", title="first direction", scale=alt.Scale(padding=24)),
        y=alt.Y("y", title="second direction", scale=alt.Scale(padding=24)),
        tooltip="name",
    )
    st.altair_chart(
        dots.mark_circle(size=90)
        + dots.mark_text(dx=8, align="left", color="gray").encode(text="name")
    )


def _settings(run: Run, node: str) -> None:
    entry = run.result.graph.nodes[node]
    timing = run.timings.nodes.get(node)
    with st.expander("Settings and cost", icon=":material/tune:"):
        if timing is not None:
            st.markdown(
                f"{timing.seconds:.2f} s in {timing.calls} calls, at most "
                f"{timing.peak_bytes / 2**20:.0f} MB"
            )
        settings = entry.config.model_dump(mode="json")
        rows = [[name, str(value)] for name, value in settings.items()]
        st.dataframe(pd.DataFrame(rows, columns=["setting", "value"]), hide_index=True)
