"""What a folder for the authors' SAM code must hold."""

from __future__ import annotations

import json

import pytest
from safetensors.torch import load_file, save_file

from openseg.models.store import ModelStore
from openseg.types.errors import MissingWeightsError
from tests.parity.sam.checkpoints import tiny_twins


@pytest.fixture
def folder(tmp_path):
    tiny_twins(tmp_path)
    return tmp_path / "sam-original"


@pytest.mark.parametrize("config", ['{"model_type": "vit_x"}', "{}", '{"width": 0}', "not json"])
def test_a_config_that_names_no_architecture_is_answered_with_what_to_write(folder, config):
    (folder / "config.json").write_text(config, "utf-8")
    with pytest.raises(MissingWeightsError, match=r'config\.json.*"model_type".*vit_b, vit_h'):
        ModelStore(folder.parent, device="cpu").load("sam-original")


def test_a_missing_config_is_answered_alike(folder):
    (folder / "config.json").unlink()
    with pytest.raises(MissingWeightsError, match=r'config\.json.*"model_type"'):
        ModelStore(folder.parent, device="cpu").load("sam-original")


def test_weights_of_another_size_are_refused(folder):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"width": 96}), "utf-8")
    with pytest.raises(MissingWeightsError, match="do not fit Sam"):
        ModelStore(folder.parent, device="cpu").load("sam-original")


def test_a_lost_weight_is_named(folder):
    [file] = folder.glob("*.safetensors")
    tensors = load_file(file)
    del tensors["image_encoder.pos_embed"]
    save_file(tensors, file)
    with pytest.raises(MissingWeightsError, match=r"image_encoder\.pos_embed"):
        ModelStore(folder.parent, device="cpu").load("sam-original")
