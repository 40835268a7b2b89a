"""Whether a model fits into memory, by what its files say before anything is loaded."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from openseg.models import cgroups
from openseg.types.errors import NoRoomError

if TYPE_CHECKING:
    import torch

MEMINFO = Path("/proc/meminfo")


def check_room(family: str, folder: Path, device: torch.device, dtype: torch.dtype) -> None:
    """Checks that a checkpoint's weights fit into what is free.

    Args:
        family: For messages.
        folder: The checkpoint.
        device: Where it is to be loaded.
        dtype: What its floating-point numbers become.

    Raises:
        NoRoomError: If they do not.
    """
    needed, free = weight_bytes(folder, dtype), free_bytes(device)
    if free is not None and needed > free:
        raise NoRoomError(
            f"its weights take {_size(needed)}, {_size(free)} of memory are free on {device}",
            where=f"model '{family}'",
            fix="choose smaller --weights, --dtype bfloat16, or another --device",
        )


def weight_bytes(folder: Path, dtype: torch.dtype) -> int:
    """What the weights of a checkpoint, or of a pipeline's parts, take once they are loaded.

    Files that are broken count as nothing: whoever loads them says what is wrong.
    """
    parts = "*/" if (folder / "model_index.json").exists() else ""
    files = folder.glob(f"{parts}*.safetensors")
    whole = [file for file in files if "." not in file.stem]  # not `model.fp16`, the same again
    return sum(_bytes_of(file, dtype.itemsize) for file in whole)


def free_bytes(device: torch.device) -> int | None:
    """Memory that tensors on a device can still have; None where it cannot be told.

    On the CPU what the machine has and what the limits of this process leave it, the smaller one.
    """
    import torch

    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + int(kept)
    if device.type != "cpu":
        return None
    known = [one for one in (_of_machine(), cgroups.free_bytes()) if one is not None]
    return min(known, default=None)


def _of_machine() -> int | None:
    if not MEMINFO.exists():
        return None
    lines = dict(line.split(":", 1) for line in MEMINFO.read_text("ascii").splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


def _bytes_of(file: Path, width: int) -> int:
    """By the header of a safetensors file: eight bytes of its length, then JSON."""
    try:
        with file.open("rb") as content:
            length = int.from_bytes(content.read(8), "little")
            header = json.loads(content.read(min(length, file.stat().st_size)))
        tensors = [entry for name, entry in header.items() if name != "__metadata__"]
        return sum(
            _of_tensor(one["dtype"], one["shape"], one["data_offsets"], width) for one in tensors
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return 0


def _of_tensor(dtype: str, shape: list[int], offsets: list[int], width: int) -> int:
    return math.prod(shape) * width if dtype.startswith(("F", "BF")) else offsets[1] - offsets[0]


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
