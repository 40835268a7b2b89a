"""A model larger than memory is named with its size before anything of it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from openseg.models import cgroups, memory
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


def _group(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(f"{content}\n")


def _second(limit: str, used: int, inactive: int) -> dict[str, str]:
    return {
        "memory.max": limit,
        "memory.current": str(used),
        "memory.stat": f"anon 7\ninactive_file {inactive}\nactive_file 9",
    }


def test_the_tightest_group_of_the_second_version_counts(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("0::/job/step\n")
    assert cgroups.free_bytes(tmp_path, own) is None
    _group(tmp_path / "job/step", _second("max", 500, 0))
    assert cgroups.free_bytes(tmp_path, own) is None
    _group(tmp_path / "job", _second("1000", 700, 150))
    assert cgroups.free_bytes(tmp_path, own) == 450
    _group(tmp_path / "job/step", _second("600", 500, 20))
    assert cgroups.free_bytes(tmp_path, own) == 120
    _group(tmp_path / "job/step", _second("600", 700, 20))
    assert cgroups.free_bytes(tmp_path, own) == 0


def test_in_a_container_the_mounted_group_is_its_own(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("0::/../../somewhere/of/the/host\n")
    _group(tmp_path / "sys", _second("1000", 700, 100))
    assert cgroups.free_bytes(tmp_path / "sys", own) == 400


def test_groups_of_the_first_version(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("9:cpu,cpuacct:/a\n4:memory:/docker/1f\n1:name=systemd:/a\n")
    unlimited = {
        "memory.limit_in_bytes": str(2**63 - 4096),
        "memory.usage_in_bytes": "800",
        "memory.stat": "total_inactive_file 1",
    }
    _group(tmp_path / "memory", unlimited)
    assert cgroups.free_bytes(tmp_path, own) == 2**63 - 4096 - 799
    limited = unlimited | {"memory.limit_in_bytes": "1000"}
    _group(tmp_path / "memory/docker/1f", limited)
    assert cgroups.free_bytes(tmp_path, own) == 201


def test_a_limit_of_the_process_is_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "free_bytes", lambda: 12345)
    assert memory.free_bytes(CPU) == 12345
