"""What a folder for `open_clip` must hold."""

from __future__ import annotations

import logging

import pytest
from safetensors.torch import load_file, save_file

from openseg.models.store import ModelStore
from openseg.types.errors import MissingWeightsError
from tests.parity.clip.checkpoints import TINY, save_twins


@pytest.fixture
def folder(tmp_path):
    save_twins(tmp_path, TINY, quick=False)
    return tmp_path / "open-clip"


@pytest.mark.parametrize("config", ["{}", "not json", '{"model_cfg": {"embed_dim": 8}}', None])
def test_a_config_that_names_no_model_is_refused(folder, config):
    path = folder / "open_clip_config.json"
    path.unlink()
    if config is not None:
        path.write_text(config, "utf-8")
    with pytest.raises(MissingWeightsError, match=r"open_clip_config\.json: open_clip cannot"):
        ModelStore(folder.parent, device="cpu").load("open-clip")


def test_a_lost_weight_is_named(folder):
    file = folder / "open_clip_model.safetensors"
    tensors = load_file(file)
    del tensors["visual.conv1.weight"]
    save_file(tensors, file)
    with pytest.raises(MissingWeightsError, match=r"visual\.conv1\.weight"):
        ModelStore(folder.parent, device="cpu").load("open-clip")


def test_loading_says_nothing_and_leaves_logging_alone(folder, capfd):
    root = logging.getLogger()
    handlers, disabled = list(root.handlers), root.manager.disable
    ModelStore(folder.parent, device="cpu").load("open-clip")
    assert root.handlers == handlers
    assert root.manager.disable == disabled
    assert capfd.readouterr().err == ""
