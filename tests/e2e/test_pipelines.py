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
from tests.models.adapters.vision_language.checkpoints import save_llava
from tests.stages.tiny import tiny_weights


@pytest.fixture(scope="module")
def store() -> ModelStore:
    return ModelStore()


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Mini models; families without one are random and tiny."""
    folder = tmp_path_factory.mktemp("tiny")
    return {"vlm": save_llava(folder / "vlm"), **tiny_weights(folder)}


def support(room):
    """A picture of something with its mask."""
    mask = np.zeros(read_image(room).size, dtype=bool)
    mask[80:190, 60:160] = True
    return [(room, mask, "mug")]


@pytest.mark.parametrize("name", pipeline_names())
def test_the_method_has_no_faults(name, store):
    assert check(name, store) == []


def on_images() -> list[str]:
    """The methods that take images; those on scenes are run in `test_scene_pipelines`."""
    models = ModelStore()
    return [name for name in pipeline_names() if not takes_scenes(load(name, models))]


@pytest.mark.parametrize("name", on_images())
def test_the_method_runs(name, room, weights):
    method = openseg.load(name, weights)
    kinds = {kind.__name__ for kind in method.graph.inputs.values()}
    given = {}
    if "TextQuery" in kinds:
        given["text"] = "red cup; chair; lamp"
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
    method = openseg.load(name, weights)
    kinds = set(method.graph.inputs.values())
    given = {"text": "red cup"} if TextQuery in kinds else {}
    if Templates in kinds:
        given["support"] = support(room)
    if Points in kinds:
        given["points"] = [[10, 10]]
    result = method(np.full((48, 64, 3), 127, np.uint8), **given)
    assert result.masks.shape[1:] == (48, 64)
