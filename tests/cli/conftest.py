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

    def start(*arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "openseg.cli", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "OPENSEG_CACHE": str(tmp_path / "cache"), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        process = start(*arguments, **environment)
        output, errors = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    call.start = start
    return call
