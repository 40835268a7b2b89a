"""The catalogue names adapters, protocols and checkpoints that exist."""

import importlib
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from openseg.models import protocols
from openseg.models.catalogue import DOWNLOADED, Checkpoint, Family, families, load_object


def test_every_family_names_an_adapter_that_offers_what_it_promises() -> None:
    for name, family in families().items():
        if family.extra:
            continue  # each has its own tests, which skip where the extra is not installed
        adapter = load_object(family.adapter)
        assert callable(adapter.load), name
        for protocol in family.protocol_types():
            wanted = {key for key in vars(protocol) if not key.startswith("_")}
            assert wanted <= set(dir(adapter)) | set(adapter.__annotations__), name


def test_no_pickle_and_no_code_is_ever_downloaded() -> None:
    for family in families().values():
        for checkpoint in family.checkpoints.values():
            for pattern in checkpoint.files:
                assert pattern.endswith((".safetensors", ".json", ".txt", ".model", ".jinja"))
    assert "*.safetensors" in DOWNLOADED


def test_a_checkpoint_has_one_source() -> None:
    with pytest.raises(ValueError, match="either 'shipped' or in a 'repo'"):
        Checkpoint(licence="MIT", megabytes=1)
    with pytest.raises(ValueError, match="either 'shipped' or in a 'repo'"):
        Checkpoint(shipped="a", repo="b/c", licence="MIT", megabytes=1)


def test_the_catalogue_is_read_without_torch() -> None:
    code = (
        "import sys; from openseg.models.store import ModelStore; s = ModelStore(); "
        "print(s.names(), [s.protocols(n) for n in s.names()]); "
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert files("openseg.models").joinpath("catalogue.yaml").is_file()


def test_a_package_of_others_adds_a_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "their_models.py").write_text(
        "from openseg.models.catalogue import Checkpoint, Family\n"
        "FAMILY = Family(summary='theirs', protocols=['ImageEncoder'], package='pydantic',\n"
        "    adapter='their_models:Adapter')\n"
        "class Adapter:\n"
        "    @classmethod\n"
        "    def load(cls, folder, device, dtype):\n"
        "        return cls()\n"
    )
    info = tmp_path / "their_models-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-models\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[openseg.models]\ntheirs = their_models:FAMILY\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    families.cache_clear()
    try:
        theirs = families()["theirs"]
        assert isinstance(theirs, Family)
        assert theirs.protocol_types() == (protocols.ImageEncoder,)
        (info / "entry_points.txt").write_text("[openseg.models]\nsam = their_models:FAMILY\n")
        families.cache_clear()
        with pytest.raises(TypeError, match="must not take the name"):
            families()
    finally:
        families.cache_clear()
        sys.modules.pop("their_models", None)
