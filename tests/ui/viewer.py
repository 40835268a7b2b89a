"""A running viewer and a browser, for tests and for the README's pictures."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
START = 180.0
"""Seconds; other work may take the machine's cores."""


@contextmanager
def viewer(*options: str) -> Iterator[str]:
    """The address of a viewer that runs as long as the context."""
    port = _free_port()
    command = [sys.executable, "-m", "openseg.cli", "ui", "--port", str(port), *options]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START
        while not _answers(f"{address}/_stcore/health"):
            assert process.poll() is None, "the server ended at once"
            assert time.monotonic() < end, "the server did not answer"
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def chromium(play: Any, extra: Sequence[str] = ()) -> Any:
    """Debian's Chromium without a window, with a made-up camera.

    Args:
        play: What Playwright was started with.
        extra: More flags.
    """
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    return play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *camera, *extra])


def _free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    """Whether something is served there."""
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:  # noqa: S310 (our own server)
            return bool(reply.status == 200)
    except OSError:
        return False
