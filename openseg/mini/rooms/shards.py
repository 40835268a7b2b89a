"""Training stills on disk: shards as arrays and JSON lines, rendered by several processes.

A shard is complete once its `things_*.jsonl` is there, which is written last; complete shards are
never rendered again, so a killed run goes on where it stopped.
"""

import logging
import multiprocessing
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from openseg.io.files import check_writable
from openseg.mini.rooms.records import record, sample_still
from openseg.mini.rooms.render import Renderer
from openseg.mini.rooms.splits import Split

SHARD = 500
"""Stills in a full shard."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ShardJob:
    """A shard to write.

    Attributes:
        split: Name of the split.
        number: Number of the shard; it begins with still `number * SHARD` of the split.
        stills: How many stills it holds.
        out: Folder that holds a folder per split.
        size: Side of the pictures in pixels.
    """

    split: Split
    number: int
    stills: int
    out: Path
    size: int = 256

    def path(self, kind: str, suffix: str) -> Path:
        """Where one of the shard's files lies: `out/split/kind_000.suffix`."""
        return self.out / self.split / f"{kind}_{self.number:03d}.{suffix}"

    @property
    def complete(self) -> bool:
        """Whether the shard has been written."""
        return self.path("things", "jsonl").exists()


def shard_jobs(split: Split, stills: int, out: Path, size: int = 256) -> list[ShardJob]:
    """The shards that hold the first `stills` stills of a split."""
    return [
        ShardJob(split, number, min(SHARD, stills - number * SHARD), out, size)
        for number in range(-(-stills // SHARD))
    ]


def write_shards(jobs: Sequence[ShardJob], processes: int = 1) -> None:
    """Renders and writes shards in the given order; complete ones are skipped.

    Args:
        jobs: What to write.
        processes: How many processes render at the same time, one core each.

    Raises:
        MissingExtraError: If the renderer is not installed.
        UserError: If a folder cannot be written to.
    """
    for folder in {job.out for job in jobs}:
        check_writable(folder)
    waiting = [job for job in jobs if not job.complete]
    # VTK's state does not survive a fork.
    with multiprocessing.get_context("spawn").Pool(processes, _one_core) as pool:
        for job, seconds in pool.imap_unordered(_timed, waiting):
            _log.info("%s: %d stills, %.0f s", job.path("*", "*"), job.stills, seconds)


def write_shard(job: ShardJob, renderer: Renderer) -> None:
    """Renders and writes one shard.

    Writes `images_*.npy` uint8 [n, size, size, 3], `ids_*.npy` and `parts_*.npy` uint8
    [n, size, size] and `things_*.jsonl`, in this order and each under its name only when it is
    whole.

    Args:
        job: What to write.
        renderer: Draws pictures of the job's size.
    """
    shape = (job.stills, job.size, job.size)
    images = np.empty((*shape, 3), dtype=np.uint8)
    ids, parts = np.empty(shape, dtype=np.uint8), np.empty(shape, dtype=np.uint8)
    lines = []
    for k in range(job.stills):
        scene, view = sample_still(job.split, job.number * SHARD + k, renderer)
        images[k], ids[k], parts[k] = view.image, view.ids, view.parts
        lines.append(record(scene, view).to_json() + "\n")
    job.path("images", "npy").parent.mkdir(parents=True, exist_ok=True)
    for kind, array in (("images", images), ("ids", ids), ("parts", parts)):
        part = job.path(kind, "npy.part")
        with part.open("wb") as file:
            np.save(file, array)
        part.replace(job.path(kind, "npy"))
    part = job.path("things", "jsonl.part")
    part.write_text("".join(lines), "utf-8")
    part.replace(job.path("things", "jsonl"))


_renderers: dict[int, Renderer] = {}


def _one_core() -> None:
    """Keeps Mesa's software renderer, which each process has to itself, to one thread."""
    os.environ.setdefault("LP_NUM_THREADS", "1")


def _timed(job: ShardJob) -> tuple[ShardJob, float]:
    begin = time.perf_counter()
    if job.size not in _renderers:
        _renderers[job.size] = Renderer(job.size, job.size)
    write_shard(job, _renderers[job.size])
    return job, time.perf_counter() - begin
