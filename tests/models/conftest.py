"""Small random checkpoints, saved once a test run and loaded through the store."""

from pathlib import Path

import pytest

from openseg.models.store import ModelStore
from tests.models import detector_checkpoints


@pytest.fixture(scope="session")
def detectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder with a checkpoint of every detector family."""
    root = tmp_path_factory.mktemp("detectors")
    detector_checkpoints.save_owlv2(root / "owlv2")
    folder = detector_checkpoints.save_grounding_dino(root / "grounding-dino")
    (root / "grounding-dino-original").symlink_to(folder, target_is_directory=True)
    return root


@pytest.fixture(scope="session")
def detector_store(detectors: Path) -> ModelStore:
    return ModelStore(detectors, device="cpu")
