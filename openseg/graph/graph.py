"""A checked method: what the loader makes of a YAML file and what the executor runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from openseg.graph.stage import Stage, StageConfig
from openseg.types.errors import OpensegError

if TYPE_CHECKING:
    import networkx as nx


class Source(NamedTuple):
    """Where a value comes from: `detect.boxes`, or an input of the method (`node` is empty)."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}" if self.node else self.port


@dataclass(frozen=True)
class Node:
    """One use of a stage in a method.

    Attributes:
        name: The node's name in the YAML.
        stage: The stage class.
        config: Its settings, validated.
        inputs: The source of each connected input port.
        models: The model family that plays each role of the stage.
    """

    name: str
    stage: type[Stage]
    config: StageConfig
    inputs: Mapping[str, Source]
    models: Mapping[str, str]


@dataclass(frozen=True)
class Graph:
    """A method that passed every check.

    Attributes:
        name: The method's name.
        about: Free text about it: paper, what differs.
        inputs: The method's inputs: name to edge type.
        nodes: The nodes by name, in an order in which each comes after what it reads.
        outputs: The method's outputs: name to source.
        dag: The same nodes as a networkx graph; an edge's `ports` lists (output, input) pairs.
        resolved: The method as plain data after `include:` and `--set`, for `run.json`.
        optional: The inputs that may be left out, marked so in the YAML; they get an empty
            value then.
    """

    name: str
    about: Mapping[str, str]
    inputs: Mapping[str, type]
    nodes: Mapping[str, Node]
    outputs: Mapping[str, Source]
    dag: nx.DiGraph
    resolved: Mapping[str, Any] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()

    def families(self) -> tuple[str, ...]:
        """The model families the method uses, sorted."""
        return tuple(
            sorted({family for node in self.nodes.values() for family in node.models.values()})
        )


@dataclass(frozen=True)
class Sample:
    """One item to run a method on.

    Attributes:
        id: Unique within a run; the same item has the same id in every run.
        inputs: A value of the right edge type for each input of the method, or a function that
            reads them. The function is called once, ahead of the models and in another thread;
            what it raises is this sample's error and nobody else's.
    """

    id: str
    inputs: Mapping[str, Any] | Callable[[], Mapping[str, Any]]

    def read(self) -> Mapping[str, Any]:
        """The inputs themselves."""
        return self.inputs() if callable(self.inputs) else self.inputs


@dataclass(frozen=True)
class Outcome:
    """What a method gave for one sample.

    Attributes:
        id: The sample's id.
        outputs: The method's outputs by name; empty if the sample failed.
        values: The method's inputs and outputs by source, and every other value that flowed if the
            run was asked to keep them; of a failed sample, those that flowed before it failed.
        failure: What went wrong with this sample, or None. A mistake of the user's (an unreadable
            file) is a `UserError`; `__cause__` is the exception as it was raised.
    """

    id: str
    outputs: Mapping[str, Any]
    values: Mapping[Source, Any]
    failure: OpensegError | None = None

    @property
    def error(self) -> str | None:
        """The failure in one line, for example `node 'detect': ...`, or None."""
        return None if self.failure is None else str(self.failure)
