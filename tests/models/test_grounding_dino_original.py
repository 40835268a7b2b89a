"""The authors' code behind the same protocol."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file

from openseg.models.store import ModelStore
from openseg.types.errors import MissingWeightsError
from tests.models import detector_contract as contract

pytest.importorskip(
    "groundingdino.models.GroundingDINO.groundingdino",
    reason="needs the extra groundingdino and the libraries of its opencv",
    exc_type=ImportError,
)


@pytest.fixture(scope="module")
def detector(detector_store: ModelStore) -> Any:
    return detector_store.load("grounding-dino-original")


def test_contract(detector: Any) -> None:
    contract.check_form(detector)
    contract.check_batch_is_loop(detector)
    contract.check_pruning(detector)
    contract.check_odd_sizes(detector)
    contract.check_memo(detector, detector.model.backbone[0])


def test_a_conversion_of_the_original_file_loads(
    detector: Any, detectors: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "grounding-dino-original"
    shutil.copytree(detectors / "grounding-dino", folder)
    (folder / "model.safetensors").unlink()
    state = {f"module.{k}": t.clone() for k, t in detector.model.state_dict().items()}
    save_file(state, folder / "groundingdino_swint_ogc.safetensors")
    converted = ModelStore(tmp_path, device="cpu").load("grounding-dino-original")
    asked = ([contract.PICTURES[0]], [contract.PHRASES[0]], 0.0)
    # Where weights lie in memory decides in what order some processors add: 7e-4 was seen.
    contract.same(converted.detect(*asked)[0], detector.detect(*asked)[0], atol=0.005)


def test_a_variant_the_original_code_cannot_build_is_refused(
    detectors: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "grounding-dino-original"
    shutil.copytree(detectors / "grounding-dino", folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"decoder_attention_heads": 8}))
    with pytest.raises(MissingWeightsError, match="cannot build this variant"):
        ModelStore(tmp_path, device="cpu").load("grounding-dino-original")
