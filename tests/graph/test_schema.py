"""The JSON Schema against the shipped methods, the broken ones, and the loader itself."""

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from openseg.graph.loader import find_pipeline, load, pipeline_names
from openseg.graph.schema import schema
from openseg.models.store import ModelStore

BROKEN = Path(__file__).parents[1] / "data" / "broken"
STRUCTURAL = [  # what an editor can see without following references
    "unknown_top_level_key",
    "misspelt_section",
    "not_a_mapping",
    "no_outputs",
    "no_nodes",
    "node_without_stage",
    "node_is_text",
    "node_name_with_space",
    "input_name_with_dash",
    "source_is_not_one",
    "in_is_a_list",
    "unknown_stage",
    "stage_without_role",
    "unknown_setting",
    "input_beside_use",
    "setting_in_in",
    "setting_too_large",
    "setting_of_wrong_type",
    "quoted_number",
    "setting_is_fractional",
    "setting_list_item",
    "unknown_type",
    "type_in_lower_case",
    "unknown_family",
    "unknown_role",
    "unknown_input_port",
    "missing_input",
    "no_in_at_all",
    "include_is_a_list",
]


@pytest.fixture(scope="module")
def validator():
    document = schema(ModelStore())
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def messages(validator, method):
    def leaves(error):
        return [leaf for inner in error.context for leaf in leaves(inner)] or [error.message]

    return [message for error in validator.iter_errors(method) for message in leaves(error)]


@pytest.mark.parametrize("name", pipeline_names())
def test_shipped_methods_are_valid(validator, name):
    assert messages(validator, yaml.safe_load(find_pipeline(name).read_text("utf-8"))) == []


@pytest.mark.parametrize("name", pipeline_names())
def test_resolved_methods_are_valid(validator, name):
    assert messages(validator, load(name, ModelStore()).resolved) == []


@pytest.mark.parametrize("name", STRUCTURAL)
def test_structural_faults_are_seen(validator, name):
    assert messages(validator, yaml.safe_load((BROKEN / f"{name}.yaml").read_text("utf-8")))


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_other_faults_are_not_called_structural(validator, path):
    if path.stem in STRUCTURAL:
        return
    try:
        method = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError):
        return
    seen = messages(validator, method)
    harmless = {"empty", "alias_bomb", "key_is_a_number"}  # refused by the loader in other words
    assert not seen or path.stem in harmless, seen


def test_a_variant_may_say_little_and_remove_with_null(validator):
    variant = {
        "include": "grounded_sam",
        "nodes": {
            "detect": {"nms_iou": None},
            "segment": None,
            "new": {"use": "segment.by_prompt", "in": {"image": None}, "candidates": None},
        },
        "outputs": {"masks": None},
    }
    assert messages(validator, variant) == []
    del variant["include"]
    assert messages(validator, variant)


def test_editors_learn_settings_ports_roles_and_families(validator):
    defs = validator.schema["$defs"]
    detect = defs["propose.detect"]["properties"]
    threshold = detect["box_threshold"]
    assert threshold["default"] == 0.25
    assert (threshold["minimum"], threshold["maximum"]) == (0, 1)
    assert "Source" in threshold["description"]
    assert set(detect["in"]["properties"]) == {"image", "query"}
    assert set(detect["with"]["properties"]) == {"detector"}
    uses = {
        choice["const"]: choice["description"]
        for choice in defs["node"]["properties"]["use"]["oneOf"]
    }
    assert all(re.match(r"[A-Z].+\.", text) for text in uses.values())
    assert "sam" in validator.schema["properties"]["models"]["additionalProperties"]["enum"]
