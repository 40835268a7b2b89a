"""Output folders at URLs: written on this machine, brought there window by window.

Object stores cannot append, and a run that was stopped is taken up again from what lies there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from openseg.graph.events import Event, Listener, WindowFinished
from openseg.io.remote.copies import fetched, listed, place_of, reach, told
from openseg.io.remote.places import is_url, url_of

EVERY = 30.0
"""Seconds between two times that what is new is brought there."""


@contextmanager
def published(out: str | Path) -> Iterator[tuple[Path, Sequence[Listener]]]:
    """A folder to write in for an output folder anywhere.

    Args:
        out: A path, which is that folder itself, or a URL.

    Yields:
        The folder, and listeners that the run must tell of its events.

    Raises:
        InputError: If a URL cannot be reached, read or written.
    """
    folder = place_of(str(out)) if is_url(out) else Path(out)
    if url_of(folder) is None:
        yield folder, ()
        return
    copy = _Copy(str(out), folder)
    try:
        yield folder, (copy,)
    finally:
        copy.publish()


class _Copy:
    """A folder that is the same here and there, after every call of `publish`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        there = set(listed(url))
        for path in self._files():
            if path not in there:  # of a run that was stopped before it could be brought there
                path.unlink()
        for path in there:
            fetched(path)
        self._known = {path: _state(path) for path in self._files()}
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Brings what is new there, now and then."""
        if isinstance(event, WindowFinished) and time.monotonic() - self._last > EVERY:
            self.publish()

    def publish(self) -> None:
        """Brings what is new there; the oldest first, for the last says how far the run got."""
        now = {path: _state(path) for path in self._files()}
        changed = [path for path, state in now.items() if self._known.get(path) != state]
        system, root = reach(self._url)
        with told(self._url, "cannot be written"):
            for path in sorted(changed, key=lambda path: path.stat().st_mtime_ns):
                there = f"{root.rstrip('/')}/{path.relative_to(self._folder).as_posix()}"
                system.makedirs(there.rpartition("/")[0], exist_ok=True)
                system.put_file(str(path), there)
            for path in self._known.keys() - now.keys():
                system.rm_file(f"{root.rstrip('/')}/{path.relative_to(self._folder).as_posix()}")
        self._known = now
        self._last = time.monotonic()

    def _files(self) -> list[Path]:
        files = [path for path in self._folder.rglob("*") if path.is_file()]
        return [path for path in files if not path.name.startswith(".")]  # locks and drafts


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
