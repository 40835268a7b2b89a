"""Ten times as many images: ten times the time, and no more memory.

The few are run before the many and after them, and the mean of their times counts: the rate of a
shared machine drifts by more than the floor allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from openseg_evals.bench.child import Lone, alone
from openseg_evals.bench.clock import Timing, timed
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_values
from openseg_evals.bench.settings import Settings

SIZE, TIMES = (96, 128), 10
WINDOW = 16
"""Images that travel together by default."""


def measure(settings: Settings) -> Iterator[Row]:
    """`grounded_sam` with the mini weights into run folders; every run in a process of its own."""
    few = settings.pick(16, 1000)
    many = TIMES * few
    folder = settings.folder / "pictures"
    pictures(folder, many, SIZE)
    runs: list[list[Lone]] = []
    for number in range(settings.pairs(1)):
        three = []
        for order, count in enumerate((few, many, few)):
            out = settings.folder / f"run-{number}-{order}"
            three.append(alone(run, str(folder), str(count), str(out), settings.device))
        runs.append(three)
    kept = few // WINDOW * WINDOW  # of these, both runs made the same batches
    first, second = (
        (settings.folder / f"run-0-{order}" / "regions.jsonl").read_text("utf-8").splitlines()
        for order in (0, 1)
    )
    same = first[:kept] == second[:kept], f"the first {kept} lines of both runs, byte for byte"
    against = f"{many} images against {few}"
    few_cpu = runs[0][0].timing.cpu + runs[0][2].timing.cpu
    many_cpu = runs[0][1].timing.cpu
    yield of_values(
        "scale-time",
        against,
        "s",
        [b.timing.wall for _, b, _ in runs],
        [(a.timing.wall + c.timing.wall) / 2 for a, _, c in runs],
        Floor("at most", 1.05 * TIMES),
        same,
        cpu_ratio=2 * many_cpu / few_cpu,
        note="loading of models included",
    )
    yield of_values(
        "scale-memory",
        against,
        "MB",
        [b.peak_bytes / 2**20 for _, b, _ in runs],
        [a.peak_bytes / 2**20 for a, _, _ in runs],
        Floor("at most", 1.1),
        same,
        note="peak of the whole process",
    )


def run(folder: str, count: str, out: str, device: str) -> Timing:
    """A run of the first images."""
    from openseg.api.method import load
    from openseg.api.runs import RunRequest, run_images

    paths = sorted(Path(folder).iterdir())[: int(count)]
    method = load("grounded_sam", device=device)
    request = RunRequest(paths, text="red cup; blue ball", formats=frozenset())
    return timed(lambda: run_images(method, request, Path(out)), device)
