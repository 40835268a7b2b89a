"""What memory the control groups of this process leave it: the limits of containers and of jobs.

Linux, `Documentation/admin-guide/cgroup-v2.rst` (files `memory.*`) and `cgroup-v1/memory.rst`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


class _Files(NamedTuple):
    """Names of a group's files; the entry of `memory.stat` that the kernel gives back if asked."""

    limit: str
    used: str
    reclaimable: str


_SECOND = _Files("memory.max", "memory.current", "inactive_file")
_FIRST = _Files("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def free_bytes(root: Path = ROOT, own: Path = OWN) -> int | None:
    """Memory that the groups of this process leave, the tightest of them and of those above.

    Args:
        root: Where control groups are mounted.
        own: Which groups this process is in, as `/proc/self/cgroup` says it.

    Returns:
        Bytes, at least 0; None where no group limits memory or nothing can be read.
    """
    left = [
        one for folder, files in _groups(root, own) if (one := _left(folder, files)) is not None
    ]
    return min(left, default=None)


def _groups(root: Path, own: Path) -> Iterator[tuple[Path, _Files]]:
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            top, files = root, _SECOND
        elif "memory" in controllers.split(","):
            top, files = root / "memory", _FIRST
        else:
            continue
        # In a container the path is often the host's: then its own group is what is mounted.
        group = top / path.strip("/")
        for folder in (group, *group.parents):
            yield folder, files
            if folder == top:
                break


def _left(folder: Path, files: _Files) -> int | None:
    try:
        # "max" is no number; the first version's "no limit" is one that no machine reaches.
        limit = int((folder / files.limit).read_text("ascii"))
        used = int((folder / files.used).read_text("ascii"))
        lines = (folder / "memory.stat").read_text("ascii").splitlines()
    except (OSError, ValueError):
        return None
    entries = dict(line.split(" ", 1) for line in lines if " " in line)
    return max(0, limit - used + int(entries.get(files.reclaimable, 0)))
