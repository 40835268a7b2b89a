"""Where the time of a run goes: models, what lies around them, and waiting.

What passes inside calls of models is the time of the model, what else a node takes is glue. Between
nodes a run waits: for samples to be read, and for results to be written.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar

from openseg.graph.events import (
    Event,
    ModelLoaded,
    NodeFinished,
    NodeStarted,
    RunFinished,
    RunStarted,
    WindowFinished,
)


@dataclass
class NodeShare:
    """The time of one node.

    Attributes:
        model: Seconds inside calls of models.
        glue: Seconds in the node otherwise: the stage's own work, checks, the cache.
        calls: Calls of models.
    """

    model: float = 0.0
    glue: float = 0.0
    calls: int = 0


class Profile:
    """A listener that splits a run; what loads the models must tell `called` of their calls.

    Attributes:
        nodes: The time of each node, in the order in which nodes run.
        loading: Seconds in which models were loaded.
        reading: Seconds in which the run waited for samples to be read and looked up.
        writing: Seconds in which results were handed out and worked on.
        seconds: Wall time of the run.
    """

    HEAD: ClassVar[list[str]] = ["node", "model", "glue", "waiting", "calls"]

    def __init__(self) -> None:
        self.nodes: dict[str, NodeShare] = {}
        self.loading = self.reading = self.writing = self.seconds = 0.0
        self._current = NodeShare()
        self._before = 0.0
        self._since = 0.0

    def __call__(self, event: Event) -> None:
        """Takes in one event."""
        match event:
            case RunStarted(nodes=names):
                self.nodes.update((name, NodeShare()) for name in names)
                self._since = time.perf_counter()
            case NodeStarted(node=name):
                self.reading += self._lap()
                self._current = self.nodes[name]
                self._before = self._current.model
            case NodeFinished(seconds=seconds):
                self._current.glue += max(0.0, seconds - (self._current.model - self._before))
                self._current = NodeShare()
                self._lap()
            case ModelLoaded(seconds=seconds):
                self.loading += seconds
            case WindowFinished():
                self.writing += self._lap()
            case RunFinished(seconds=seconds):
                self.writing += self._lap()
                self.seconds = seconds
            case _:
                pass

    def called(self, seconds: float) -> None:
        """Counts a call of a model for the node that is running."""
        self._current.model += seconds
        self._current.calls += 1

    @property
    def model(self) -> float:
        """Seconds inside models: the least a run with these calls can take."""
        return sum(node.model for node in self.nodes.values())

    @property
    def glue(self) -> float:
        """Seconds in nodes outside of models."""
        return sum(node.glue for node in self.nodes.values())

    def as_json(self) -> dict[str, Any]:
        """The object under `profile` of `openseg run --json`."""
        nodes = {name: vars(node).copy() for name, node in self.nodes.items()}
        return {
            "nodes": nodes,
            "model": self.model,
            "glue": self.glue,
            "glue_share": self._glue_share,
            "waiting": {"reading": self.reading, "writing": self.writing},
            "loading": self.loading,
            "seconds": self.seconds,
        }

    def rows(self) -> list[list[str]]:
        """Cells of a table, a list a line; `HEAD` names its columns."""
        rows = [
            [name, _seconds(node.model), _seconds(node.glue), "", str(node.calls)]
            for name, node in self.nodes.items()
        ]
        return [
            *rows,
            ["reading", "", "", _seconds(self.reading), ""],
            ["writing", "", "", _seconds(self.writing), ""],
            [
                "all",
                _seconds(self.model),
                _seconds(self.glue),
                _seconds(self.reading + self.writing),
                str(sum(node.calls for node in self.nodes.values())),
            ],
        ]

    def summary(self) -> str:
        """The split in one line."""
        return (
            f"models alone {_seconds(self.model)}: the floor of {_seconds(self.seconds)} in all; "
            f"glue {self._glue_share:.1%} of the nodes' time, loading {_seconds(self.loading)}"
        )

    @property
    def _glue_share(self) -> float:
        nodes = self.model + self.glue
        return self.glue / nodes if nodes else 0.0

    def _lap(self) -> float:
        """Seconds since the last lap."""
        now = time.perf_counter()
        passed, self._since = now - self._since, now
        return passed


def _seconds(value: float) -> str:
    return f"{value:.3f} s"
