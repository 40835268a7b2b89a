"""Widgets for a method's settings, made of what the stages' `Config` classes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
import yaml

from openseg.graph.graph import Graph
from openseg.types.plain_yaml import read_yaml
from openseg_ui.server.untrusted import most_of
from openseg_ui.widgets.faults import plain


def settings_form(graph: Graph, key: str, given: Sequence[str] = ()) -> list[str]:
    """Shows a widget a setting.

    Args:
        graph: The method with its own settings.
        key: Begins the widgets' keys.
        given: What is changed to begin with, each `node.key=value`.

    Returns:
        What was changed, each `node.key=value`, as `openseg run --set` takes it.
    """
    changed = []
    begin = {
        name: yaml.safe_load(value) for name, _, value in (one.partition("=") for one in given)
    }
    for node in graph.nodes.values():
        fields = node.stage.Config.model_json_schema().get("properties", {})
        if not fields:
            continue
        st.markdown(f"**{plain(node.name)}** :gray[{plain(node.stage.name)}]")
        for name, schema in fields.items():
            place = f"{node.name}.{name}"
            before = node.config.model_dump(mode="json")[name]
            most = most_of(node, name)
            after = _widget(name, schema, begin.get(place, before), f"{key} {place}", most)
            if after != before:
                changed.append(f"{place}={_yaml(after)}")
    return changed


def _yaml(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")


def _widget(name: str, schema: Mapping[str, Any], value: Any, key: str, most: int | None) -> Any:
    """The widget that fits a field's type and bounds; gives its value."""
    label = name.replace("_", " ")
    about = plain(schema.get("description", ""))
    kinds = [schema, *schema.get("anyOf", [])]
    kind = next((one for one in kinds if one.get("type") not in {None, "null"}), schema)
    if isinstance(value, bool):
        return st.toggle(label, value, key=key, help=about)
    if isinstance(value, (int, float)):
        return _number(label, kind, value, key, about, most)
    if value in kind.get("enum", ()):
        return st.selectbox(label, kind["enum"], kind["enum"].index(value), key=key, help=about)
    text = st.text_input(label, _yaml(value), key=key, help=about)  # lists, and what may be empty
    try:
        return read_yaml(text)
    except yaml.YAMLError:
        return text


def _number(
    label: str, kind: Mapping[str, Any], value: float, key: str, about: str, most: int | None
) -> Any:
    low, high = _bounds(kind)
    if kind.get("type") == "integer":
        high = min(one for one in (high, most) if one is not None) if most is not None else high
        return st.number_input(label, low, high, value, 1, key=key, help=about)
    if low is not None and high is not None:
        step = (high - low) / 100
        return st.slider(label, float(low), float(high), float(value), step, key=key, help=about)
    return st.number_input(label, _real(low), _real(high), float(value), key=key, help=about)


def _bounds(kind: Mapping[str, Any]) -> tuple[Any, Any]:
    """The least and the greatest value a widget may give; open bounds move by one step."""
    step = 1 if kind.get("type") == "integer" else 1e-6
    low, high = kind.get("minimum"), kind.get("maximum")
    if low is None and "exclusiveMinimum" in kind:
        low = kind["exclusiveMinimum"] + step
    if high is None and "exclusiveMaximum" in kind:
        high = kind["exclusiveMaximum"] - step
    return low, high


def _real(bound: Any) -> float | None:
    return None if bound is None else float(bound)
