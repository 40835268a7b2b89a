"""Content addresses of what a model's output depends on: its files and its adapter's code.

Results on disk are filed under these, so a changed weight, preprocessing file or line of adapter
code is a different model, and the same files in another place are the same one.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

WEIGHT_FILES = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")
"""What counts: weights, configuration, preprocessing, tokenizer; not cards and licences."""

ROOM = "openseg.models."

_SHA256 = re.compile(r"[0-9a-f]{64}")


def folder_digest(folder: Path, stand_ins: tuple[str, ...] = ()) -> str:
    """sha256 (hex) over names and contents of a checkpoint's files, those of its parts too.

    Args:
        folder: The checkpoint.
        stand_ins: Files that count beside `WEIGHT_FILES`.
    """
    patterns = (*WEIGHT_FILES, *stand_ins)
    paths = sorted({path for pattern in patterns for path in folder.rglob(pattern)})
    lines = []
    for path in paths:
        stat = path.stat()
        name = path.relative_to(folder).as_posix()
        lines.append(f"{name} {_file_digest(path, stat.st_size, stat.st_mtime_ns)}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@cache
def _file_digest(path: Path, size: int, modified: int) -> str:
    """The file's sha256; size and time of modification are there to notice a changed file."""
    del size, modified
    target = path.resolve()
    if target.parent.name == "blobs" and _SHA256.fullmatch(target.name):
        return target.name  # the Hub's cache names large files by their sha256
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def code_digest(module: str) -> str:
    """sha256 (hex) over a module's source and that of all it uses from `openseg.models`.

    Args:
        module: Dotted name; it is read, not imported.
    """
    seen: dict[str, bytes] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        source = Path(spec.origin).read_bytes()
        seen[name] = source
        waiting += [one for one in _imported(source) if one.startswith(ROOM)]
    whole = hashlib.sha256()
    for name in sorted(seen):
        whole.update(name.encode() + b"\0" + seen[name] + b"\0")
    return whole.hexdigest()


def _imported(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
