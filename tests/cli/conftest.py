"""How tests call the command line: as a user does, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def cli(tmp_path):
    """Runs `openseg` in an empty folder with a cache of its own."""

    def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "openseg.cli", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "OPENSEG_CACHE": str(tmp_path / "cache"), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return call
