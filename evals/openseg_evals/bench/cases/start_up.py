"""How long a command takes to say something; whole processes, Python's own start included."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from openseg_evals.bench.child import command
from openseg_evals.bench.rows import Floor, Row, of_values
from openseg_evals.bench.settings import Settings

COMMANDS = {
    "start-up-help": (["--help"], 0.5),
    "start-up-validate": (["validate", "grounded_sam"], 1.5),
}


def measure(settings: Settings) -> Iterator[Row]:
    """Seconds; the peer is one second, so that the ratio is the time."""
    pairs = settings.pairs(5)
    for name, (words, most) in COMMANDS.items():
        line = [sys.executable, "-m", "openseg.cli", *words]
        _, said = command(line)
        runs = [command(line)[0] for _ in range(pairs)]
        yield of_values(
            name,
            "one second",
            "s",
            [one.wall for one in runs],
            [1.0] * pairs,
            Floor("at most", most),
            (bool(said.strip()), f"it said {len(said.splitlines())} lines"),
            cpu_ratio=sorted(one.cpu for one in runs)[pairs // 2],
            note="openseg " + " ".join(words),
        )
