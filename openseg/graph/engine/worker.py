"""The far end of an engine that spreads a run: holds the models, brings parcels to results.

What happens to a parcel is written down in order and told where the run is kept.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.graph.engine.tally import RETRIES
from openseg.graph.engine.work import Work
from openseg.graph.events import Event
from openseg.graph.run.failure import describe
from openseg.graph.run.reading import marked
from openseg.graph.run.runner import Runner
from openseg.types.errors import OpensegError, StageError, UserError


@dataclass(frozen=True)
class Parcel:
    """Items that one worker brings to results, whole windows of them.

    Attributes:
        begun: How many items of the run came before.
        items: The items.
    """

    begun: int
    items: Sequence[Any]


@dataclass(frozen=True)
class Kept:
    """What `Work.finish` gave for the next item."""

    done: Any


@dataclass(frozen=True)
class Broken:
    """What ended the run."""

    error: OpensegError


Told = Event | Kept | Broken


@dataclass(frozen=True)
class Account:
    """What happened to a parcel.

    Attributes:
        told: Events, results and what ended the run, in order.
    """

    told: Sequence[Told]


class Worker:
    """Works through parcels; models are loaded when the first needs them, and kept.

    Args:
        work: What is done, in Ray's object store.
        place: The folder the run was started in, which relative paths start from.
        tally: The `Tally` of all workers, as an actor of Ray.
    """

    def __init__(self, work: Any, place: str, tally: Any) -> None:
        self._stored = work
        self._place = place
        self._tally = tally
        self._work: Work[Any, Any] | None = None
        self._runner: Runner | None = None
        self._told: list[Told] = []

    def __call__(self, rows: Mapping[str, Sequence[Parcel]]) -> dict[str, NDArray[np.object_]]:
        """Works through the parcels of some rows; gives the account of each."""
        accounts = np.empty(len(rows["parcel"]), dtype=object)
        for place, parcel in enumerate(rows["parcel"]):
            accounts[place] = self._bring(parcel)
        return {"account": accounts}

    def _bring(self, parcel: Parcel) -> Account:
        self._told.clear()
        try:
            self._work_through(parcel)
        except OpensegError as error:
            self._told.append(Broken(error))
        except Exception as error:  # noqa: BLE001 - told where the run is kept
            self._told.append(Broken(StageError(describe(error), where="a worker")))
        return Account(tuple(self._told))

    def _work_through(self, parcel: Parcel) -> None:
        import ray

        if self._work is None:
            self._go_there()
            work = ray.get(self._stored)
            self._check(work)
            self._work = work
        if self._runner is None:
            self._runner = self._work.runner(self._told.append)
        if ray.get(self._tally.begin.remote(parcel.begun)) > RETRIES + 1:
            raise OpensegError(
                f"workers died {RETRIES + 1} times on the same samples",
                where="ray",
                fix="see Ray's logs for the cause; often memory: give fewer --workers or --batch",
            )
        samples = marked(self._work.feed(parcel.items), self._work.window, parcel.begun)
        outcomes = self._runner.over(samples)
        for item, found in zip(parcel.items, outcomes, strict=True):
            self._told.append(Kept(self._work.finish(item, found)))

    def _go_there(self) -> None:
        try:
            os.chdir(self._place)
        except OSError as error:
            raise UserError(
                f"the folder the run was started in is not there: {self._place}",
                where="a worker",
                fix="start the run in a folder that every machine of the cluster has",
            ) from error

    @staticmethod
    def _check(work: Work[Any, Any]) -> None:
        """Checks that the models here are those of the run."""
        for family, expected in work.fingerprints.items():
            if work.models.fingerprint(family) != expected:
                raise OpensegError(
                    f"the weights, the code or the device of model '{family}' differ from those "
                    "where the run was started",
                    where="a worker",
                    fix="bring the same openseg and weights onto every machine of the cluster",
                )
