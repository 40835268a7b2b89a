"""A model larger than memory is named with its size before anything of it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from openseg.models import memory
from openseg.models.store import ModelStore
from openseg.types.errors import NoRoomError

CPU = torch.device("cpu")


def test_sizes_are_those_of_the_tensors_once_loaded(tmp_path: Path) -> None:
    tensors = {"a": torch.zeros(10, 30), "b": torch.zeros(7, dtype=torch.int64)}
    save_file(tensors, tmp_path / "model.safetensors")
    save_file(tensors, tmp_path / "model.fp16.safetensors")
    assert memory.weight_bytes(tmp_path, torch.float32) == 300 * 4 + 7 * 8
    assert memory.weight_bytes(tmp_path, torch.bfloat16) == 300 * 2 + 7 * 8
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    assert memory.weight_bytes(tmp_path, torch.float32) == 0


def test_parts_of_a_pipeline_are_added(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    for part in ("unet", "vae"):
        (tmp_path / part).mkdir()
        save_file({"a": torch.zeros(100)}, tmp_path / part / "model.safetensors")
    save_file({"a": torch.zeros(1000)}, tmp_path / "all.safetensors")
    assert memory.weight_bytes(tmp_path, torch.float32) == 800


def test_what_is_free_on_this_machine_is_less_than_it_has() -> None:
    free = memory.free_bytes(CPU)
    assert free is None or 0 < free < 2**50


def test_a_model_without_room_is_named_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = ModelStore("mini", "cpu")
    shipped = memory.weight_bytes(loaded.folder("clip"), torch.float32)
    monkeypatch.setattr(memory, "free_bytes", lambda _device: shipped - 1)
    size = f"{shipped / 1e6:.1f} MB"
    with pytest.raises(NoRoomError, match=rf"model 'clip': its weights take {size}, .* --weights"):
        loaded.load("clip")
