"""Every shipped method is valid and runs from its YAML to masks with mini weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import openseg
from openseg.api.scenes.inputs import takes_scenes
from openseg.graph.loader import check, load, pipeline_names
from openseg.io.images import read_image
from openseg.models.store import ModelStore
from openseg.types import Masks, Points, Templates, TextQuery
from tests.stages.tiny import tiny_weights

QUICK = {"points_per_side": 6, "steps": 2}
"""Settings, of any node that has them, that keep its work small; what it does stays the same."""


@pytest.fixture(scope="module")
def store() -> ModelStore:
    return ModelStore()


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Mini models; families without one are random and tiny."""
    return tiny_weights(tmp_path_factory.mktemp("tiny"))


def quick(name, weights):
    """The method with its work kept small."""
    nodes = load(name, ModelStore(weights)).nodes.items()
    small = [
        f"{node}.{key}={value}"
        for node, one in nodes
        for key, value in QUICK.items()
        if key in type(one.config).model_fields
    ]
    return openseg.load(name, weights, settings=small)


def support(room):
    """The picture itself, in which the box of the hat is marked."""
    mask = np.zeros(read_image(room).size, dtype=bool)
    mask[283:345, 295:387] = True
    return [(room, mask, "red hat")]


@pytest.mark.parametrize("name", pipeline_names())
def test_the_method_has_no_faults(name, store):
    assert check(name, store) == []


def on_images() -> list[str]:
    """The methods that take images; those on scenes are run in `test_scene_pipelines`."""
    models = ModelStore()
    return [name for name in pipeline_names() if not takes_scenes(load(name, models))]


@pytest.mark.parametrize("name", on_images())
def test_the_method_runs(name, room, weights):
    method = quick(name, weights)
    kinds = {kind.__name__ for kind in method.graph.inputs.values()}
    given = {}
    if "TextQuery" in kinds:
        given["text"] = "red hat; chair; lamp"
    if "Boxes" in kinds:
        given["boxes"] = [[100, 100, 300, 300]]
    if Points in method.graph.inputs.values():
        given["points"] = [[200, 200]]
    if "Templates" in kinds:
        given["support"] = support(room)
    result = method(room, **given)
    assert any(isinstance(value, Masks) for value in result.outputs.values())
    assert result.masks.dtype == torch.bool
    assert result.masks.shape[1:] == result.image.size
    assert len(result.boxes) == len(result.scores) == len(result.phrases) == len(result)
    assert result.overlay().size == result.image.size[::-1]


@pytest.mark.parametrize("name", on_images())
def test_a_blank_image_is_no_catastrophe(name, room, weights):
    method = quick(name, weights)
    kinds = set(method.graph.inputs.values())
    given = {"text": "red hat"} if TextQuery in kinds else {}
    if Templates in kinds:
        given["support"] = support(room)
    if Points in kinds:
        given["points"] = [[10, 10]]
    result = method(np.full((48, 64, 3), 127, np.uint8), **given)
    assert result.masks.shape[1:] == (48, 64)
