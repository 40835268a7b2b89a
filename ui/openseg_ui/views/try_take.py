"""What can be taken away from a run: files, and the same run as a command and as a method."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import streamlit as st
import yaml

from openseg.api.records import Record, record_of
from openseg.api.result import Result
from openseg.graph.loader import find_pipeline
from openseg.io.coco import coco_dataset
from openseg.io.labelme import labelme_document
from openseg.io.overlay import draw_overlay
from openseg_ui.server.runs import Asked, Run
from openseg_ui.server.untrusted import FILE


def take_away(run: Run, threshold: float) -> None:
    """Shows the buttons and texts.

    Args:
        run: The run.
        threshold: Regions with a lower score are left out of the files.
    """
    stem = PurePath(run.asked.image_name).stem or "image"
    downloads: dict[str, tuple[str, str, Callable[[], str | bytes]]] = {
        "Picture (PNG)": (f"{stem}.png", "image/png", lambda: _png(run.result, threshold)),
        "COCO": (f"{stem}.coco.json", "application/json", lambda: _coco(run.result, threshold)),
        "LabelMe": (f"{stem}.json", "application/json", lambda: _labelme(run.result, threshold)),
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
    for option, rows in (("--point", asked.points), ("--box", asked.boxes)):
        for row in rows:
            words += [option, ",".join(f"{value:g}" for value in row)]
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


def _rows(result: Result, threshold: float) -> list[int]:
    return [row for row, score in enumerate(result.scores.tolist()) if score >= threshold]


def _png(result: Result, threshold: float) -> bytes:
    rows = _rows(result, threshold)
    classes = [result.class_ids[row] for row in rows]
    overlay = draw_overlay(
        result.image,
        result.masks[rows],
        [result.phrases[row] for row in rows],
        result.scores[rows],
        result.boxes[rows],
        classes if len(set(result.class_ids)) > 1 else None,
    )
    buffer = io.BytesIO()
    overlay.save(buffer, "PNG")
    return buffer.getvalue()


def _record(result: Result, threshold: float) -> Record:
    whole = record_of(result)
    regions = tuple(one for one in whole.regions if one.score >= threshold)
    return Record(whole.id, whole.image, whole.size, regions)


def _coco(result: Result, threshold: float) -> str:
    return json.dumps(coco_dataset([_record(result, threshold)]), ensure_ascii=False)


def _labelme(result: Result, threshold: float) -> str:
    document = labelme_document(_record(result, threshold), PurePath(result.image.name).name)
    return json.dumps(document, ensure_ascii=False)
