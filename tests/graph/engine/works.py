"""Work whose results tell who shared a batch: what must not depend on where a run was cut."""

from __future__ import annotations

import os
import signal
import uuid
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch

from openseg.graph.cache import Cache
from openseg.graph.engine.work import Work
from openseg.graph.graph import Outcome, Sample
from openseg.graph.stage import Batch, Stage
from openseg.types import Scores, TextQuery
from openseg.types.errors import OpensegError
from tests.graph.tiny import Provider, method

TEXTS = ["cup", "table", "lamp", "red cup", "cup", "hat", "ball"]


class Company(Stage):
    """The lengths of all texts of the batch, from the sample's own on: as last bits differ."""

    name = "tiny.company"

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, query: Batch[TextQuery]) -> Outputs:
        lengths = torch.tensor([float(len(one.text)) for one in query])
        return self.Outputs([Scores(lengths.roll(-i)) for i in range(len(query))])


class Stranger(OpensegError):
    """A fault that ends the run."""

    ends_run = True


class Refuse(Stage):
    """Ends the run."""

    name = "tiny.refuse"

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, query: Batch[TextQuery]) -> Outputs:
        raise Stranger("no key", where="here", fix="get one")


def feed(items: Any) -> list[Sample]:
    return [Sample(str(i), {"query": TextQuery(TEXTS[i * i % 7], ())}) for i in items]


def finish(trap: Path | None, item: int, outcomes: tuple[Outcome, ...]) -> Any:
    """What the sample gave; the first process that comes to item 13 dies there."""
    if item == 13 and trap is not None and not trap.exists():
        trap.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    [outcome] = outcomes
    return item, outcome.outputs["scores"].values.tolist()


def die(item: int, outcomes: tuple[Outcome, ...]) -> Any:
    """Whoever comes to item 13 dies there."""
    if item == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return finish(None, item, outcomes)


class Late:
    """Finishes like `finish`; the first five processes that unpack it die before they begin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __setstate__(self, state: dict[str, Path]) -> None:
        self.__dict__.update(state)
        dead = len(list(self.folder.iterdir()))
        if dead < 5:
            (self.folder / str(dead)).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, item: int, outcomes: tuple[Outcome, ...]) -> Any:
        return finish(None, item, outcomes)


def work(cache: Path | None = None, trap: Path | None = None, stage: type = Company) -> Work:
    nodes = {"company": (stage, {"query": "query"})}
    graph = method(nodes, {"scores": "company.scores"}, query=TextQuery)
    return Work(
        [graph],
        Provider(),
        feed,
        partial(finish, trap),
        window=5,
        batch=3,
        cache=Cache(cache) if cache else None,
        run=uuid.uuid4().hex,
    )
