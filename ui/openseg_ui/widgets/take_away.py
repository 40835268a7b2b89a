"""What can be taken away from a run: files, and the same run as a command and as a method."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

import streamlit as st
import yaml

from openseg.api.result import Result
from openseg.graph.loader import find_pipeline
from openseg_ui.server.runs import Asked, Point, Run
from openseg_ui.server.untrusted import FILE


def take_away(run: Run, threshold: float) -> None:
    """Shows the buttons and texts.

    Args:
        run: The run.
        threshold: Regions with a lower score are left out of the files.
    """

    def shown() -> Result:
        scores = run.result.scores.tolist()
        return run.result.take([row for row, score in enumerate(scores) if score >= threshold])

    stem = PurePath(run.asked.image_name).stem or "image"
    downloads: dict[str, tuple[str, str, Callable[[], str | bytes]]] = {
        "Picture (PNG)": (f"{stem}.png", "image/png", lambda: _png(shown())),
        "COCO": (f"{stem}.coco.json", "application/json", lambda: _json(shown().to_coco())),
        "LabelMe": (f"{stem}.json", "application/json", lambda: _json(shown().to_labelme())),
    }
    for column, (label, (name, mime, make)) in zip(st.columns(3), downloads.items(), strict=True):
        column.download_button(
            label,
            make,
            name,
            mime,
            key=f"take {label}",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
    line, method = st.tabs(["As a command", "As YAML"])
    line.code(command(run.asked), language="bash", wrap_lines=True)
    method.code(variant(run.asked), language="yaml", wrap_lines=True)


def command(asked: Asked) -> str:
    """The command line that makes the same run."""
    method = FILE if asked.yaml else asked.method
    words = ["openseg", "run", method, "--image", asked.image_name or "IMAGE"]
    words += ["--text", asked.text] if asked.text is not None else []
    drawn = asked.prompts
    for option, rows in (
        ("--point", drawn.points),
        ("--negative-point", drawn.negative_points),
        ("--box", drawn.boxes),
    ):
        for row in rows:
            words += [option, _joined(row)]
    for stroke in drawn.scribbles:
        words += ["--scribble", " ".join(map(_joined, stroke))]
    for one in asked.sets:
        words += ["--set", one]
    words += ["--weights", asked.weights] if asked.weights != "mini" else []
    return shlex.join(words)


def variant(asked: Asked) -> str:
    """The method of a run: as it is shipped, or what was changed on top of it."""
    if asked.yaml:
        return asked.yaml
    if not asked.sets:
        return find_pipeline(asked.method).read_text("utf-8")
    nodes: dict[str, dict[str, Any]] = {}
    for one in asked.sets:
        name, _, value = one.partition("=")
        node, _, key = name.partition(".")
        nodes.setdefault(node, {})[key] = yaml.safe_load(value)
    document = {"include": asked.method, "name": f"my_{asked.method}", "nodes": nodes}
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return text


def _joined(row: Point) -> str:
    return ",".join(f"{value:g}" for value in row)


def _png(result: Result) -> bytes:
    buffer = io.BytesIO()
    result.overlay().save(buffer, "PNG")
    return buffer.getvalue()


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
