"""The engine of many processes or machines: Ray Data with workers that hold the models.

Rows are parcels of whole windows. Ray Data keeps their order, starts workers that died again with
the parcel they had, and lets workers wait while what they gave is not fetched.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from openseg.graph.engine.ray_session import session
from openseg.graph.engine.tally import Tally
from openseg.graph.engine.work import Done, Item, Work
from openseg.graph.engine.worker import Broken, Kept, Parcel, Told, Worker
from openseg.graph.events import Listener
from openseg.graph.run.progress import Progress
from openseg.types.errors import OpensegError

PARCELS = 8
"""Parcels a worker gets at least, where there are as many windows: the last to end ends soon."""

WINDOWS = 8
"""Windows in a parcel at most: as much is worked on again when a worker dies."""

LOSSES = 30
"""How often a parcel is given to a worker again that died; most had not begun it. `Tally` counts
those that had."""


class RayEngine:
    """Works in workers of a Ray cluster; see `openseg.graph.engine.work.Engine`.

    Args:
        address: The cluster, as Ray names it; None for one on this machine, started for the run.
        workers: How many workers, each with one CPU, and one GPU if the run is on CUDA; None for
            as many as the cluster has room for.
    """

    shares_folders = False

    def __init__(self, address: str | None = None, workers: int | None = None) -> None:
        self.address = address
        self.workers = workers

    def over(
        self,
        work: Work[Item, Done],
        items: Sequence[Item],
        begun: int,
        listeners: Sequence[Listener],
    ) -> Iterator[Done]:
        """Works through items; gives results in order.

        Raises:
            MissingExtraError: If Ray is not installed.
            UserError: If the cluster does not answer.
            OpensegError: If a model cannot be loaded, or workers die again and again.
        """
        progress = Progress(work.plan, listeners)
        progress.begin(len(items))
        if items:
            on_gpu = work.models.device.type == "cuda"
            with session(self.address, self.workers, on_gpu) as workers:
                for told in _told(work, parcels(items, begun, work.window, workers), workers):
                    if isinstance(told, Kept):
                        yield told.done
                    elif isinstance(told, Broken):
                        raise told.error
                    else:
                        progress(told)
        progress.end()


def parcels(items: Sequence[Item], begun: int, window: int, workers: int) -> Iterator[Parcel]:
    """Cuts items where windows end.

    Args:
        items: The items.
        begun: How many of the run came before.
        window: The most samples in a window.
        workers: How many workers there are.
    """
    windows = len(items) // (window * workers * PARCELS)
    size = window * max(1, min(WINDOWS, windows))
    start = 0
    while start < len(items):
        stop = start + size - (begun + start) % window
        yield Parcel(begun + start, items[start:stop])
        start = stop


def _told(work: Work[Any, Any], given: Iterator[Parcel], workers: int) -> Iterator[Told]:
    """What workers tell, in the order of the parcels."""
    import ray
    from ray.data import ActorPoolStrategy, from_items
    from ray.exceptions import RayError

    logging.getLogger("ray.data").setLevel(logging.ERROR)  # our own progress says the same
    rows = [{"parcel": one} for one in given]
    tally = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Tally).remote()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the ways to set retries that Ray 2.64 is to have instead
        data = from_items(rows, override_num_blocks=len(rows)).map_batches(
            Worker,
            fn_constructor_args=(ray.put(work), str(Path.cwd()), tally),
            batch_size=1,
            compute=ActorPoolStrategy(size=min(workers, len(rows))),
            num_cpus=1,
            num_gpus=1 if work.models.device.type == "cuda" else None,
            max_restarts=-1,
            max_task_retries=LOSSES,
        )
    data.context.execution_options.preserve_order = True
    data.context.enable_progress_bars = False
    data.context.print_on_execution_start = False
    try:
        for row in data.iter_rows():
            yield from row["account"].told
    except RayError as error:
        raise OpensegError(
            f"workers died {LOSSES + 1} times, mostly as they began: {str(error).splitlines()[0]}",
            where="ray",
            fix="see Ray's logs for the cause; often memory: give fewer --workers",
        ) from error
