"""Finding, checking, fingerprinting and loading checkpoints."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from openseg.graph.models import ModelProvider
from openseg.models.store import ModelStore
from openseg.types.errors import InputError, MissingExtraError, MissingWeightsError


@pytest.fixture(autouse=True)
def _empty_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache


def weights(folder: Path, config: str = '{"model_type": "owlv2"}') -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(config)
    save_file({"a": torch.zeros(2)}, folder / "model.safetensors")
    return folder


def test_it_is_what_the_engine_expects() -> None:
    provider: ModelProvider = ModelStore(device="cpu")
    assert {"grounding-dino", "owlv2", "sam", "clip"} <= set(provider.names())
    assert provider.names() == sorted(provider.names())
    assert provider.device == torch.device("cpu")


def test_missing_weights_name_model_profile_and_command() -> None:
    with pytest.raises(MissingWeightsError) as caught:
        ModelStore("base").locate("owlv2")
    assert str(caught.value) == (
        "model 'owlv2': the 'base' weights (google/owlv2-base-patch16-ensemble, about 620 MB) are "
        "not on this machine (openseg fetch METHOD --weights base)"
    )
    assert caught.value.exit_code == 2


def test_a_profile_a_family_does_not_have_names_those_it_has() -> None:
    with pytest.raises(
        MissingWeightsError, match=r"'owlv2' has no 'mini' weights \(use --weights base or large\)"
    ):
        ModelStore("mini").locate("owlv2")


def test_a_folder_holds_one_folder_a_family(tmp_path: Path) -> None:
    weights(tmp_path / "owlv2")
    store = ModelStore(tmp_path)
    store.locate("owlv2")
    assert store.folder("owlv2") == tmp_path / "owlv2"
    with pytest.raises(MissingWeightsError, match=r"no checkpoint of model 'sam'.*put it into"):
        store.locate("sam")


def test_a_folder_may_be_the_checkpoint_of_the_family_it_names(tmp_path: Path) -> None:
    store = ModelStore(weights(tmp_path / "mine"))
    assert store.folder("owlv2") == tmp_path / "mine"
    with pytest.raises(MissingWeightsError, match="no checkpoint of model 'sam'"):
        store.folder("sam")


def test_a_mapping_chooses_for_each_family(tmp_path: Path) -> None:
    store = ModelStore({"owlv2": weights(tmp_path / "mine"), "siglip": "base"})
    assert store.folder("owlv2") == tmp_path / "mine"
    assert store.source("owlv2") == str(tmp_path / "mine")
    assert store.source("siglip") == "base google/siglip2-base-patch16-224@main"
    assert store.source("sam") == "mini"
    with pytest.raises(InputError, match="unknown model 'owl'"):
        ModelStore({"owl": "base"})


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError, match=r"neither a profile .* nor a folder"):
        ModelStore(tmp_path / "nowhere").locate("owlv2")
    (tmp_path / "owlv2").mkdir()
    with pytest.raises(MissingWeightsError, match=r"owlv2': no \.safetensors file here"):
        ModelStore(tmp_path).locate("owlv2")
    with pytest.raises(InputError, match="unknown model 'owl'"):
        ModelStore(tmp_path).locate("owl")


def test_a_pickle_is_refused_with_the_line_that_converts_it(tmp_path: Path) -> None:
    folder = tmp_path / "owlv2"
    folder.mkdir()
    torch.save({"model": {"module.a": torch.ones(2)}}, folder / "old.pth")
    store = ModelStore(tmp_path)
    with pytest.raises(MissingWeightsError, match=r"only a pickle is here \(old.pth\)") as caught:
        store.locate("owlv2")
    # The hint is a command that works.
    line = caught.value.fix.partition(": ")[2]
    _, *arguments = shlex.split(line.replace("OLD NEW", f"{folder}/old.pth {folder}/new"))
    subprocess.run([sys.executable, *arguments], check=True)
    store.locate("owlv2")
    assert load_file(folder / "new.safetensors")["a"].tolist() == [1, 1]


def test_a_shard_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = weights(tmp_path / "owlv2")
    (folder / "model.safetensors.index.json").write_text(
        '{"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}'
    )
    with pytest.raises(MissingWeightsError, match=r"1 of 2 weight files .* model-2\.safe"):
        ModelStore(tmp_path).locate("owlv2")


def test_broken_weights_are_one_clear_line(tmp_path: Path) -> None:
    folder = weights(tmp_path / "owlv2")
    (folder / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(MissingWeightsError, match="cannot load Owlv2ForObjectDetection"):
        ModelStore(tmp_path, device="cpu").load("owlv2")


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights(tmp_path / "open-clip")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r'open_clip_torch.*pip install "openseg\[clip\]"'):
        ModelStore(tmp_path).locate("open-clip")


def test_the_fingerprint_follows_content_and_dtype_and_not_the_place(tmp_path: Path) -> None:
    weights(tmp_path / "one" / "owlv2")
    shutil.copytree(tmp_path / "one", tmp_path / "two")

    def address(name: str, dtype: str = "auto") -> str:
        return ModelStore(tmp_path / name, device="cpu", dtype=dtype).fingerprint("owlv2")

    assert address("one") == address("two")
    assert address("one", "float32") == address("one")
    assert address("one", "bfloat16") != address("one")
    (tmp_path / "two" / "owlv2" / "preprocessor_config.json").write_text("{}")
    assert address("one") != address("two")
    before = address("one")
    save_file({"a": torch.ones(2)}, tmp_path / "one" / "owlv2" / "model.safetensors")
    assert address("one") != before


def test_a_model_is_loaded_once_until_it_is_released(detectors: Path) -> None:
    store = ModelStore(detectors, device="cpu")
    first = store.load("owlv2")
    assert store.load("owlv2") is first
    store.release("owlv2")
    assert store.load("owlv2") is not first


def test_devices_and_dtypes_are_checked() -> None:
    with pytest.raises(InputError, match="unknown device 'gpu'"):
        _ = ModelStore(device="gpu").device
    with pytest.raises(InputError, match="'cuda:63' is not on this machine"):
        _ = ModelStore(device="cuda:63").device
    assert ModelStore().device.type in {"cpu", "cuda", "mps"}


def test_an_unknown_dtype_is_named(tmp_path: Path) -> None:
    weights(tmp_path / "owlv2")
    with pytest.raises(InputError, match="unknown dtype 'int8'"):
        ModelStore(tmp_path, device="cpu", dtype="int8").fingerprint("owlv2")


def test_a_server_or_recorded_replies_stand_in_for_weights(tmp_path: Path) -> None:
    (tmp_path / "server.json").write_text('{"base_url": "http://h/v1", "model": "m"}')
    store = ModelStore({"vlm": tmp_path})
    assert store.folder("vlm") == tmp_path
    first = store.fingerprint("vlm")
    (tmp_path / "replies.jsonl").write_text("")
    assert ModelStore({"vlm": tmp_path}).fingerprint("vlm") != first
    assert store.load("vlm").ask([], 8) == []
    with pytest.raises(MissingWeightsError, match="no checkpoint"):
        ModelStore({"clip": tmp_path}).folder("clip")


def test_text_may_choose_for_single_families(tmp_path: Path) -> None:
    """As the command line gives it: the first for all that are not named after it."""
    (tmp_path / "clip").mkdir()
    save_file({"x": torch.zeros(1)}, tmp_path / "clip" / "model.safetensors")
    store = ModelStore(f"mini,clip={tmp_path}")
    assert store.folder("clip") == tmp_path / "clip"
    assert store.folder("sam") == ModelStore().folder("sam")
    assert store.source("clip") == str(tmp_path)


def test_a_folder_may_have_a_comma_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "a,b=c"
    (folder / "clip").mkdir(parents=True)
    save_file({"x": torch.zeros(1)}, folder / "clip" / "model.safetensors")
    assert ModelStore(str(folder)).folder("clip") == folder / "clip"
