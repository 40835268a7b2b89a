"""Outputs of nodes on disk, by content address: one safetensors file a node and set of inputs.

Readers see a whole entry or none, and find damage by checksum, so a killed run, a full disk or a
second process leave nothing worse than an entry to compute again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import math
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg.graph import codec
from openseg.graph.address import raw_bytes
from openseg.types.errors import OpensegError

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = 1
"""Raised whenever entries of the old layout must not be read any more."""

DEFAULT_MAX_BYTES = 10 * 1024**3
ENTRY, UNFINISHED = ".safetensors", ".tmp"
SLACK = 0.05
"""Share of the size limit that may be written before the folder is measured again."""


class CacheError(OpensegError):
    """An entry could not be read (it has been dropped) or written."""


class Cache:
    """A folder of entries that several processes may use at once.

    Entries lie under `folder/<first two digits>/<address>.safetensors`. Their modification time is
    the time of their last use.

    Args:
        folder: Where entries lie; made when the first one is written.
        max_bytes: The least recently used entries are removed above this size.
    """

    def __init__(self, folder: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._unmeasured = math.inf  # what other runs left is measured before the first entry

    def get(self, address: str, kinds: Mapping[str, type], run: str = "") -> dict[str, Any] | None:
        """The outputs of the node with that address, tensors on the CPU, or None if unknown.

        Args:
            address: The node's content address.
            kinds: The edge type of each output port.
            run: Entries that bear this name count as unknown.

        Raises:
            CacheError: If the entry is damaged, of another format version, or unreadable; it has
                been removed where possible, so the next `put` replaces it.
        """
        path = self._path(address)
        try:
            with path.open("rb") as file:
                length = file.read(8)
                header = file.read(int.from_bytes(length, "little"))
                if run and json.loads(header)["__metadata__"].get("run") == run:
                    return None
                values = _unpack(length + header + file.read(), address, kinds)
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever a damaged file makes the readers raise
            with contextlib.suppress(OSError):
                path.unlink()
            raise CacheError(
                f"entry dropped, it is computed again: {error}", where=str(path)
            ) from error
        with contextlib.suppress(OSError):  # removed by another process, or a read-only folder
            os.utime(path)
        return values

    def put(self, address: str, values: Mapping[str, Any], run: str = "") -> None:
        """Keeps the outputs of a node; readers see the whole entry or none.

        Args:
            address: The node's content address.
            values: The value of each output port.
            run: A name of the run, which the entry bears.

        Raises:
            CacheError: If the folder cannot be written (full, read-only).
            TypeError: If a value is of a type that cannot be stored.
        """
        self.put_packed(address, pack(address, values, run))

    def put_packed(self, address: str, content: bytes) -> None:
        """Keeps an entry that `pack` made; otherwise as `put`."""
        if len(content) > self.max_bytes:
            return
        try:
            if self._unmeasured + len(content) > self.max_bytes * SLACK:
                self._shrink(self.max_bytes * (1 - SLACK) - len(content))
            self._write(self._path(address), content)
        except OSError as error:
            raise CacheError(
                f"cannot write: {error.strerror or error}",
                where=str(self.folder),
                fix="free space, or give the cache another folder",
            ) from error
        self._unmeasured += len(content)

    def _path(self, address: str) -> Path:
        return self.folder / address[:2] / f"{address}{ENTRY}"

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.stem}.{uuid.uuid4().hex}{UNFINISHED}")
        try:
            with unfinished.open("xb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # says that its writer lives: see _abandoned
                file.write(content)
                file.flush()
                with contextlib.suppress(FileNotFoundError):  # swept before it was locked
                    unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def _shrink(self, allowed: float) -> None:
        """Removes abandoned files, then the entries used longest ago until the rest is allowed."""
        entries: list[tuple[int, int, Path]] = []
        for path in self.folder.glob("??/*"):
            with contextlib.suppress(OSError):  # another process may remove it meanwhile
                if path.suffix == ENTRY:
                    status = path.stat()
                    entries.append((status.st_mtime_ns, status.st_size, path))
                elif path.suffix == UNFINISHED and _abandoned(path):
                    path.unlink()
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= allowed:
                break
            path.unlink(missing_ok=True)
            total -= size
        self._unmeasured = 0


def _abandoned(path: Path) -> bool:
    """Whether the process that was writing a file is gone: it would hold the lock."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def pack(address: str, values: Mapping[str, Any], run: str = "") -> bytes:
    """The bytes of an entry.

    Args:
        address: The node's content address.
        values: The value of each output port.
        run: A name of the run, which the entry bears.

    Raises:
        TypeError: If a value is of a type that cannot be stored.
    """
    from safetensors.torch import save

    tensors: dict[str, Tensor] = {}
    ports: dict[str, Any] = {}
    for port, value in values.items():
        encoded = codec.encode(value)
        tensors.update((f"{port}:{name}", tensor) for name, tensor in encoded.tensors.items())
        ports[port] = {"kind": type(value).__qualname__, "meta": encoded.meta}
    meta = json.dumps({"format": FORMAT, "address": address, "ports": ports})
    notes = {"openseg": meta, "sha256": _checksum(meta, tensors), "run": run}
    content: bytes = save(tensors, notes)
    return content


def _unpack(content: bytes, address: str, kinds: Mapping[str, type]) -> dict[str, Any]:
    from safetensors.torch import load

    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])["__metadata__"]
    meta = json.loads(header["openseg"])
    if meta["format"] != FORMAT:
        raise ValueError(f"format {meta['format']}, this version reads {FORMAT}")
    tensors: dict[str, Tensor] = load(content)
    if _checksum(header["openseg"], tensors) != header["sha256"] or meta["address"] != address:
        raise ValueError("the checksum does not match")
    values: dict[str, Any] = {}
    for port, kind in kinds.items():
        stored = meta["ports"][port]
        if stored["kind"] != kind.__qualname__:
            raise ValueError(f"holds {stored['kind']} for '{port}', not {kind.__qualname__}")
        prefix = f"{port}:"
        mine = {
            name.removeprefix(prefix): tensor
            for name, tensor in tensors.items()
            if name.startswith(prefix)
        }
        values[port] = codec.decode(kind, codec.Encoded(mine, stored["meta"]))
    return values


def _checksum(meta: str, tensors: Mapping[str, Tensor]) -> str:
    state = hashlib.sha256(meta.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        state.update(f"\n{name} {tensor.dtype} {list(tensor.shape)}\n".encode())
        state.update(raw_bytes(tensor))
    return state.hexdigest()
