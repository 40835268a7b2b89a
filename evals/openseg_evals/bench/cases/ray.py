"""A run spread by Ray over two workers of one thread, against the local engine with one thread.

Each run is in a process of its own. A cluster in `RAY_ADDRESS` is used; else one is started first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from openseg_evals.bench.child import alone
from openseg_evals.bench.clock import Timing, timed
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_values
from openseg_evals.bench.settings import Settings, need

if TYPE_CHECKING:
    from openseg.graph.engine.work import Engine

SIZE, WORKERS = (96, 128), 2


def measure(settings: Settings) -> Iterator[Row]:
    """`grounded_sam` with the mini weights into run folders, on the CPU."""
    need("ray", "ray")
    count = settings.pick(64, 1000)
    folder = settings.folder / "pictures"
    pictures(folder, count, SIZE)
    runs: list[list[float]] = []
    lines: list[bytes] = []
    for number in range(settings.pairs(1)):
        both = []
        for side in (spread, local):
            out = settings.folder / f"{side.__name__}-{number}"
            both.append(alone(side, str(folder), str(out)).timing.wall)
            lines.append((out / "regions.jsonl").read_bytes())
        runs.append(both)
    yield of_values(
        "ray",
        f"the local engine with one thread, {count} images",
        "s",
        [ours for ours, _ in runs],
        [peer for _, peer in runs],
        Floor("at least", 1.7),
        (len(set(lines)) == 1, "records equal byte for byte"),
        note=f"{WORKERS} workers of one thread; their start and loading of models included",
    )


def local(folder: str, out: str) -> Timing:
    """The run in this process."""
    return _run(folder, out, None)


def spread(folder: str, out: str) -> Timing:
    """The run in workers of a cluster that is there already."""
    from openseg.graph.engine.on_ray import RayEngine
    from openseg.graph.engine.ray_session import session

    with session(os.environ.get("RAY_ADDRESS"), WORKERS, on_gpu=False):
        return _run(folder, out, RayEngine(workers=WORKERS))


def _run(folder: str, out: str, engine: Engine | None) -> Timing:
    import torch

    from openseg.api.method import load
    from openseg.api.runs import RunRequest, run_images

    torch.set_num_threads(1)
    method = load("grounded_sam", device="cpu")
    paths = sorted(Path(folder).iterdir())
    request = RunRequest(paths, text="red cup; blue ball", formats=frozenset())
    return timed(lambda: run_images(method, request, Path(out), engine=engine))
