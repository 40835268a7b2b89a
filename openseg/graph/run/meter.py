"""Time and memory of a piece of a run."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RSS, STATUS = Path("/proc/self/statm"), Path("/proc/self/status")


class Meter:
    """Measures a node on one window; read its attributes after `peak` has been left.

    Args:
        device: The run's device.

    Attributes:
        seconds: Wall time under `timed`, in seconds.
        run_seconds: Wall time under `running`, until the device was done.
        peak_bytes: See `openseg.graph.events.NodeFinished`.
        calls: How often `running` was entered.
    """

    def __init__(self, device: Any) -> None:
        self.device = device
        self.seconds = 0.0
        self.run_seconds = 0.0
        self.peak_bytes = 0
        self.calls = 0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Adds a piece of work to `seconds`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - start

    @contextmanager
    def running(self) -> Iterator[None]:
        """Adds a call of the stage to `run_seconds` and `calls`."""
        start = time.perf_counter()
        self.calls += 1
        try:
            yield
            self._synchronize()
        finally:
            self.run_seconds += time.perf_counter() - start

    @contextmanager
    def peak(self) -> Iterator[None]:
        """Measures memory of the work inside."""
        if self.device.type == "cuda":
            import torch

            torch.cuda.reset_peak_memory_stats(self.device)
            yield
            self.peak_bytes = torch.cuda.max_memory_allocated(self.device)
        else:
            record, before = memory(self.device)
            yield
            raised, after = memory(self.device)
            self.peak_bytes = raised if raised > record else max(before, after)

    def _synchronize(self) -> None:
        if self.device.type == "cuda":
            import torch

            torch.cuda.synchronize(self.device)


def memory(device: Any) -> tuple[int, int]:
    """The most memory ever held, and what is held now, in bytes.

    Of a GPU what tensors on it take, the most since `Meter.peak` was entered; else what this
    process is resident with.
    """
    if device.type == "cuda":
        import torch

        return torch.cuda.max_memory_allocated(device), torch.cuda.memory_allocated(device)
    if not STATUS.exists():
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, 0
    # Not getrusage: there a process starts with the record of the one that started it.
    sizes = {
        name: int(rest.split()[0]) * 1024
        for name, _, rest in (line.partition(":") for line in STATUS.read_text().splitlines())
        if name in ("VmHWM", "VmRSS")
    }
    return sizes["VmHWM"], sizes["VmRSS"]
