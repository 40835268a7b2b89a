"""Where and how precisely models run: the device and the dtype of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openseg.types.errors import InputError

if TYPE_CHECKING:
    import torch

    from openseg.models.catalogue import DtypeName

DTYPES = ("auto", "float32", "float16", "bfloat16")


def resolve_device(name: str) -> torch.device:
    """The device of a run.

    Args:
        name: `auto` (CUDA, then MPS, then CPU), or a name torch knows, such as `cuda:1`.

    Raises:
        InputError: If torch does not know the name or the device is not there.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next((kind for kind, usable in there.items() if usable), "cpu"))
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"unknown device '{name}'", fix="use auto, cpu, cuda or mps") from error
    too_high = device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()
    if too_high or not there.get(device.type, True):
        raise InputError(f"device '{name}' is not on this machine", fix="use auto or cpu")
    return device


def resolve_dtype(name: str, device: torch.device, on_cuda: DtypeName) -> torch.dtype:
    """The dtype a model computes in.

    Args:
        name: `auto` or one of `DTYPES`.
        device: The device of the run.
        on_cuda: What `auto` means on CUDA for this family; elsewhere it means float32.

    Raises:
        InputError: If the name is not one of `DTYPES`.
    """
    import torch

    if name not in DTYPES:
        raise InputError(f"unknown dtype '{name}'", fix=f"use one of {', '.join(DTYPES)}")
    chosen = name if name != "auto" else on_cuda if device.type == "cuda" else "float32"
    dtype: torch.dtype = getattr(torch, chosen)
    return dtype
