"""Outputs of nodes on disk, by content address: one file a node and set of inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openseg.types.errors import OpensegError

DEFAULT_MAX_BYTES = 10 * 1024**3


class CacheError(OpensegError):
    """An entry could not be read (it has been dropped) or written."""


class Cache:
    """A folder of entries that several processes may use at once.

    Args:
        folder: Where entries lie; made when the first one is written.
        max_bytes: The least recently used entries are removed above this size.
    """

    def __init__(self, folder: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.folder = folder
        self.max_bytes = max_bytes

    def get(self, address: str, kinds: Mapping[str, type]) -> dict[str, Any] | None:
        """The outputs of the node with that address, tensors on the CPU, or None if unknown.

        Args:
            address: The node's content address.
            kinds: The edge type of each output port.

        Raises:
            CacheError: If the entry is damaged, of another format version, or unreadable; it has
                been removed where possible, so the next `put` replaces it.
        """
        raise NotImplementedError

    def put(self, address: str, values: Mapping[str, Any]) -> None:
        """Keeps the outputs of a node; readers see the whole entry or none.

        Args:
            address: The node's content address.
            values: The value of each output port.

        Raises:
            CacheError: If the folder cannot be written (full, read-only).
        """
        raise NotImplementedError
