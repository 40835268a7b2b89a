"""The JSON Schema of a method's YAML, with which editors complete, explain and check it.

It says what can be said without following references: keys, names, stages with their ports and
settings, model families, types. What sources refer to is left to `openseg.graph.loader.check`.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from openseg.graph.method.spec import METHOD_NAME, NAME, OPTIONAL, SECTIONS, MethodSpec, NodeSpec
from openseg.graph.models import ModelProvider
from openseg.graph.registry import find_stage, stage_names
from openseg.graph.stage import Port, Stage, signature_of
from openseg.types import EDGE_TYPES

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(models: ModelProvider) -> Schema:
    """The JSON Schema (draft 2020-12) of a method.

    Args:
        models: The model families there are.

    Returns:
        Plain data, ready for `json.dumps`. A file with `include:` may say part of a method, and
        `null` removes what the included method says; a file without must say all of it.

    Raises:
        UserError: If a package that announces stages cannot be imported.
    """
    stages = {name: found for name in stage_names() if (found := find_stage(name)) is not None}
    defs: dict[str, Schema] = {
        "source": {
            "description": "An input of the method (`image`) or a node's output (`detect.boxes`).",
            "type": ["string", "null"],
            "pattern": rf"^{NAME}(\.{NAME})?$",
        },
        "node": _node(stages),
    }
    for name, stage in stages.items():
        defs[name] = _use(name, stage, defs)
    whole = {
        "required": list(SECTIONS),
        "properties": {
            **{section: {"minProperties": 1} for section in SECTIONS},
            "nodes": {"minProperties": 1, "additionalProperties": _complete(stages)},
        },
    }
    return {
        "$schema": DIALECT,
        "title": "An openseg method",
        "type": "object",
        "properties": _sections(models),
        "additionalProperties": False,
        "if": {"not": {"required": ["include"]}},
        "then": whole,
        "$defs": defs,
    }


def _sections(models: ModelProvider) -> dict[str, Schema]:
    texts = {name: str(field.description) for name, field in MethodSpec.model_fields.items()}
    scalar = {"type": ["string", "number", "boolean", "null"]}
    source = {"$ref": "#/$defs/source"}
    return {
        "include": {
            "description": "A method (its name, or a path from this file) that this file changes.",
            "type": "string",
        },
        "name": {
            "description": texts["name"],
            "type": "string",
            "pattern": f"^{METHOD_NAME}$",
        },
        "about": {**_mapping(texts["about"], scalar), "propertyNames": {}},
        "inputs": _mapping(
            texts["inputs"],
            {
                "enum": [
                    *(mark + kind for mark in ("", OPTIONAL) for kind in sorted(EDGE_TYPES)),
                    None,
                ]
            },
        ),
        "models": _mapping(texts["models"], {"enum": [*models.names(), None]}),
        "nodes": _mapping(texts["nodes"], {"$ref": "#/$defs/node"}),
        "outputs": _mapping(texts["outputs"], source),
    }


def _mapping(description: str, values: Schema) -> Schema:
    return {
        "description": description,
        "type": "object",
        "propertyNames": {"pattern": f"^{NAME}$"},
        "additionalProperties": values,
    }


def _node(stages: dict[str, type[Stage]]) -> Schema:
    """A node: its stage decides which further keys it may have."""
    choices = [{"const": name, "description": _summary(stage)} for name, stage in stages.items()]
    return {
        "type": ["object", "null"],
        "properties": {
            "use": {"description": _described("use"), "type": "string", "oneOf": choices}
        },
        "allOf": [_when(name, {"$ref": f"#/$defs/{name}"}) for name in stages],
    }


def _complete(stages: dict[str, type[Stage]]) -> Schema:
    """What a node of a method that includes nothing must have besides."""
    rules = []
    for name, stage in stages.items():
        required = [port.name for port in signature_of(stage).inputs.values() if port.required]
        settings = [key for key, field in stage.Config.model_fields.items() if field.is_required()]
        rule: Schema = {"required": [*(["in"] if required else []), *settings]}
        if required:
            rule["properties"] = {"in": {"required": required}}
        rules.append(_when(name, rule))
    return {"type": "object", "required": ["use"], "allOf": rules}


def _use(name: str, stage: type[Stage], defs: dict[str, Schema]) -> Schema:
    """The keys of a node that uses a stage; nested models of its settings go to `defs`."""
    signature = signature_of(stage)
    config = stage.Config.model_json_schema(ref_template=f"#/$defs/{name}:{{model}}")
    for model, nested in config.pop("$defs", {}).items():
        defs[f"{name}:{model}"] = nested
    roles = {
        role: {"description": f"A {protocol.__name__}.", "type": ["string", "null"]}
        for role, protocol in signature.roles.items()
    }
    return {
        "description": _summary(stage),
        "properties": {
            "use": True,
            "in": {
                "description": _described("inputs"),
                "type": ["object", "null"],
                "properties": {port.name: _port(port) for port in signature.inputs.values()},
                "additionalProperties": _unknown(name, "input"),
            },
            "with": {
                "description": _described("models"),
                "type": ["object", "null"],
                "properties": roles,
                "additionalProperties": _unknown(name, "model role"),
            },
            **{key: _setting(field) for key, field in config.get("properties", {}).items()},
        },
        "additionalProperties": _unknown(name, "setting"),
    }


def _port(port: Port) -> Schema:
    need = "Required." if port.required else "Optional."
    return {"description": f"{port.kind.__name__}. {need}", "$ref": "#/$defs/source"}


def _setting(field: Schema) -> Schema:
    """A setting as pydantic describes it, or null, which removes what an included method sets."""
    described = {key: value for key, value in field.items() if key != "title"}
    if isinstance(described.get("type"), str) and "enum" not in described:
        return {**described, "type": [described["type"], "null"]}
    outside: Schema = {
        key: described.pop(key) for key in ("description", "default") if key in described
    }
    return {**outside, "anyOf": [described, {"type": "null"}]}


def _unknown(stage: str, what: str) -> Schema:
    """A key that a stage does not have: a variant may still remove it from another stage's node."""
    text = f"`{stage}` has no such {what}; `null` removes what an included method sets."
    return {"type": "null", "description": text}


def _when(stage: str, then: Schema) -> Schema:
    chosen = {"type": "object", "properties": {"use": {"const": stage}}, "required": ["use"]}
    return {"if": chosen, "then": then}


def _described(field: str) -> str:
    return str(NodeSpec.model_fields[field].description)


def _summary(stage: type[Stage]) -> str:
    lines: Sequence[str] = (inspect.getdoc(stage) or "").splitlines()
    return lines[0] if lines else ""
