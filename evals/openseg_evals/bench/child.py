"""A piece of work in a process of its own, so that its memory is nobody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from openseg.types.errors import OpensegError
from openseg_evals.bench.clock import Timing


@dataclass(frozen=True)
class Lone:
    """What a process of its own was measured at.

    Attributes:
        timing: The part the function itself timed: without imports, without loading.
        whole: The whole process.
        peak_bytes: The most memory it was resident with.
    """

    timing: Timing
    whole: Timing
    peak_bytes: int


def alone(function: Callable[..., Timing], *arguments: str) -> Lone:
    """Runs a function in a new process.

    Args:
        function: At the top of a module; gives the timing of the part that counts, and leaves its
            results in files.
        *arguments: What it is called with.

    Raises:
        OpensegError: If it fails.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    whole, output = command([sys.executable, "-m", __name__, name, *arguments])
    found = json.loads(output.splitlines()[-1])
    return Lone(Timing(found["wall"], found["cpu"]), whole, found["peak_bytes"])


def command(words: list[str]) -> tuple[Timing, str]:
    """Runs a command and waits for it.

    Returns:
        What the whole process took, and what it printed.

    Raises:
        OpensegError: If it fails; the message ends with its last words.
    """
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise OpensegError(f"failed: {last[0]}", where=" ".join(words[:4]))
    user = after.children_user - before.children_user
    system = after.children_system - before.children_system
    return Timing(wall, user + system), done.stdout


def peak_bytes() -> int:
    """The most memory this process was ever resident with."""
    # Not getrusage: there a process starts with the record of the one that started it.
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    [peak] = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return peak * 1024


def _main(name: str, *arguments: str) -> None:
    module, _, function = name.partition(":")
    timing: Any = getattr(import_module(module), function)(*arguments)
    found = {"wall": timing.wall, "cpu": timing.cpu, "peak_bytes": peak_bytes()}
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
