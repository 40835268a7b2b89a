"""One window of samples: what must be computed for it, and the values that flow.

Addresses of all values follow from those of the inputs, so all is known before anything runs.
Walking the steps backwards from the outputs, only what someone still needs is looked up in the
cache, and only what is not found there is computed: what a cached value was made from is not even
read. A value is dropped with its last reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openseg.graph.address import node_address, value_address
from openseg.graph.graph import Outcome, Source
from openseg.graph.run.plan import Plan, Step
from openseg.graph.run.reading import Read
from openseg.types.errors import OpensegError

Claim = tuple[int, int]
"""Who needs a result: positions of a sample in the window and of a method in the plan."""

Lookup = Callable[[Step, str], Mapping[str, Any] | None]
"""Gives the cached outputs of a step for a node address."""


@dataclass(frozen=True)
class Task:
    """One computation: a step on one set of inputs, for every sample that has them.

    Attributes:
        step: The step.
        address: Its node address.
        inputs: The address of the value at each connected port.
        claims: Who needs it.
    """

    step: Step
    address: str
    inputs: Mapping[str, str]
    claims: set[Claim]

    @property
    def samples(self) -> int:
        """How many samples of the window it stands for."""
        return len({sample for sample, _ in self.claims})


class Window:
    """The state of one window.

    Args:
        plan: What is run.
        samples: The window's samples.
        keep_values: Whether outcomes carry every value, not only inputs and outputs.
    """

    def __init__(self, plan: Plan, samples: Sequence[Read], keep_values: bool) -> None:
        self.plan = plan
        self.samples = samples
        self.keep_values = keep_values
        self._failures: dict[Claim, OpensegError] = {}
        self._addresses = [
            {Source("", name): address for name, address in sample.addresses.items()}
            for sample in samples
        ]
        self._held: dict[str, Any] = {}
        self._readers: Counter[str] = Counter()
        self._promised: dict[Claim, list[str]] = {}
        self._tasks = self._claim_tasks()

    def reaching(self, step: Step) -> list[Task]:
        """What a step would have to compute if nothing were cached; duplicates count once."""
        return self._tasks[step.name]

    def look_up(self, lookup: Lookup) -> dict[str, list[Task]]:
        """Decides what is computed, and takes the inputs over from the samples.

        Args:
            lookup: Asked for everything that is needed; what it gives is not computed.

        Returns:
            For each step, by name, what it must compute.
        """
        for graph in range(len(self.plan.graphs)):
            kept = self._kept_sources(graph)
            for position, addresses in enumerate(self._addresses):
                if (position, graph) not in self._failures:
                    promised = [addresses[source] for source in kept]
                    self._promised[position, graph] = promised
                    self._readers.update(promised)
        needed: dict[str, list[Task]] = {}
        for step in reversed(self.plan.steps):
            needed[step.name] = []
            for task in self._tasks[step.name]:
                ports = [value_address(task.address, port) for port in step.outputs]
                if not any(self._readers[address] for address in ports):
                    continue
                cached = lookup(step, task.address)
                if cached is not None:
                    self._store(task, cached)
                else:
                    needed[step.name].append(task)
                    self._readers.update(task.inputs.values())
        for sample in self.samples:
            while sample.values:
                name, value = sample.values.popitem()
                self._hold(sample.addresses[name], value)
        return needed

    def is_alive(self, task: Task) -> bool:
        """Whether some sample and method still need a task."""
        return not task.claims <= self._failures.keys()

    def arguments(self, tasks: Sequence[Task]) -> dict[str, list[Any]]:
        """The values at each connected port, one a task."""
        return {port: [self._held[task.inputs[port]] for task in tasks] for port in tasks[0].inputs}

    def finish(self, task: Task, values: Mapping[str, Any]) -> None:
        """Takes in what a task gave, and lets go of what it read."""
        self._store(task, values)
        self.drop(task)

    def fail(self, task: Task, failure: OpensegError) -> None:
        """Records that a task failed: for every method and sample that needs it."""
        for claim in task.claims:
            self._failures.setdefault(claim, failure)
        self.drop(task)

    def drop(self, task: Task) -> None:
        """Lets go of what a task reads."""
        for address in task.inputs.values():
            self._release(address)

    def outcomes(self, position: int) -> tuple[Outcome, ...]:
        """What each method gave for a sample; its values are let go of, so ask once."""
        return tuple(self._outcome(position, graph) for graph in range(len(self.plan.graphs)))

    def _claim_tasks(self) -> dict[str, list[Task]]:
        """Computes every address, and collects who needs which task."""
        for graph, method in enumerate(self.plan.graphs):
            for position, sample in enumerate(self.samples):
                faults = [sample.faults[name] for name in method.inputs if name in sample.faults]
                if faults:
                    self._failures[position, graph] = faults[0]
        by_step: dict[str, list[Task]] = {}
        known: dict[str, Task] = {}
        # Steps outside, samples inside: a task shared by two steps belongs to the earlier one.
        for step in self.plan.steps:
            by_step[step.name] = []
            for position, addresses in enumerate(self._addresses):
                claims = {(position, user) for user in step.users} - self._failures.keys()
                if not claims:
                    continue
                inputs = {port: addresses[source] for port, source in step.inputs.items()}
                node = node_address(step.definition, inputs)
                for port in step.outputs:
                    addresses[Source(step.name, port)] = value_address(node, port)
                if node not in known:
                    known[node] = Task(step, node, inputs, set())
                    by_step[step.name].append(known[node])
                known[node].claims.update(claims)
        return by_step

    def _kept_sources(self, graph: int) -> list[Source]:
        """The plan's sources that outcomes of a method hand out."""
        return [self.plan.sources[graph][source] for source in self._wanted(graph)]

    def _wanted(self, graph: int) -> set[Source]:
        """The method's own sources whose values its outcomes carry."""
        method = self.plan.graphs[graph]
        inputs = {Source("", name) for name in method.inputs}
        return (
            set(self.plan.sources[graph])
            if self.keep_values
            else {*inputs, *method.outputs.values()}
        )

    def _outcome(self, position: int, graph: int) -> Outcome:
        method, sources = self.plan.graphs[graph], self.plan.sources[graph]
        addresses = self._addresses[position]
        failure = self._failures.get((position, graph))
        outputs: dict[str, Any] = {}
        if failure is None:
            outputs = {
                name: self._held[addresses[sources[source]]]
                for name, source in method.outputs.items()
            }
        held = {source: addresses.get(sources[source]) for source in self._wanted(graph)}
        values = {s: self._held[a] for s, a in held.items() if a is not None and a in self._held}
        for address in self._promised.pop((position, graph), ()):
            self._release(address)
        return Outcome(self.samples[position].id, outputs, values, failure)

    def _store(self, task: Task, values: Mapping[str, Any]) -> None:
        for port, value in values.items():
            self._hold(value_address(task.address, port), value)

    def _hold(self, address: str, value: Any) -> None:
        if self._readers[address] > 0:
            self._held[address] = value

    def _release(self, address: str) -> None:
        self._readers[address] -= 1
        if self._readers[address] <= 0:
            self._held.pop(address, None)
