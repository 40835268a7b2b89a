"""The machine and the versions a bench was made with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "openseg",
    "torch",
    "torchvision",
    "transformers",
    "diffusers",
    "numpy",
    "segment-anything",
    "open_clip_torch",
    "ray",
)
GIB = 1024**3


def describe(device: str) -> dict[str, Any]:
    """What ran the bench.

    Args:
        device: The device of the models.
    """
    import torch

    found: dict[str, Any] = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB, 1),
        "threads": torch.get_num_threads(),
        "load_before": round(os.getloadavg()[0], 2),
        "device": device,
        "versions": {name: there for name in PACKAGES if (there := _version(name))},
    }
    if device.startswith("cuda"):
        card = torch.cuda.get_device_properties(device)
        found["gpu"] = {
            "name": card.name,
            "memory_gib": round(card.total_memory / GIB, 1),
            "cuda": torch.version.cuda,
        }
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
