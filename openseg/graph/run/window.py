"""One window of samples: what must be computed for it, and the values that flow.

Addresses of all values follow from those of the inputs, so all is known before anything runs.
Walking the steps backwards from the outputs, what someone still needs is looked up in the cache,
and the rest is cut into batches: by the window alone, whatever other windows did. A batch that the
window before computed as well is taken over. A value is dropped with its last reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openseg.graph.address import node_address, value_address
from openseg.graph.graph import Outcome, Source
from openseg.graph.run.plan import Plan, Step
from openseg.graph.run.reading import Read
from openseg.types.errors import OpensegError

Claim = tuple[int, int]
"""Who needs a result: positions of a sample in the window and of a method in the plan."""

Outputs = Mapping[str, Any]
"""What a step gave for a sample, by port."""

Lookup = Callable[[Step, str], Outputs | None]
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


Together = tuple[Task, ...]
"""Tasks of one step that are computed in one call; with others beside it, the last bits of what a
task gives may be different."""

Recollection = Callable[[Together], Sequence[Outputs] | None]
"""Gives what the same tasks gave in one call before."""


class Window:
    """The state of one window.

    Args:
        plan: What is run.
        samples: The window's samples.
        batch: The most tasks that are computed together.
        keep_values: Whether outcomes carry every value, not only inputs and outputs.
    """

    def __init__(
        self, plan: Plan, samples: Sequence[Read], batch: int, keep_values: bool = False
    ) -> None:
        self.plan = plan
        self.samples = samples
        self.batch = batch
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

    def look_up(self, lookup: Lookup, recall: Recollection) -> dict[str, list[Together]]:
        """Decides what is computed together, and takes the inputs over from the samples.

        Args:
            lookup: Asked for everything that is needed; what it gives is not computed.
            recall: Asked for every batch that is left; what it gives is not computed again.

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
        cached, batches = self._cut(lookup)
        needed: dict[str, list[Together]] = {}
        for step in reversed(self.plan.steps):
            for task in self._tasks[step.name]:
                if task.address in cached:
                    self._store(task, cached.pop(task.address))
            needed[step.name] = [one for one in batches[step.name] if self._is_due(one, recall)]
        for sample in self.samples:
            while sample.values:
                name, value = sample.values.popitem()
                self._hold(sample.addresses[name], value)
        return needed

    def living(self, together: Together) -> Together:
        """The tasks of a batch that some sample and method still need; the rest lets go."""
        alive = [task for task in together if not task.claims <= self._failures.keys()]
        if len(alive) < len(together):
            for task in together:
                if task.claims <= self._failures.keys():
                    self.drop(task)
        return tuple(alive)

    def arguments(self, tasks: Sequence[Task]) -> dict[str, list[Any]]:
        """The values at each connected port, one a task."""
        return {port: [self._held[task.inputs[port]] for task in tasks] for port in tasks[0].inputs}

    def finish(self, task: Task, values: Outputs) -> None:
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

    def _cut(self, lookup: Lookup) -> tuple[dict[str, Outputs], dict[str, list[Together]]]:
        """What the cache knows, and the batches of the rest, as if no window were before."""
        wanted = set(self._readers)
        cached: dict[str, Outputs] = {}
        batches: dict[str, list[Together]] = {}
        for step in reversed(self.plan.steps):
            rest: list[Task] = []
            for task in self._tasks[step.name]:
                if not self._is_read(task, wanted):
                    continue
                found = lookup(step, task.address)
                if found is not None:
                    cached[task.address] = found
                else:
                    rest.append(task)
                    wanted.update(task.inputs.values())
            batches[step.name] = [
                tuple(rest[at : at + self.batch]) for at in range(0, len(rest), self.batch)
            ]
        return cached, batches

    def _is_due(self, together: Together, recall: Recollection) -> bool:
        """Whether a batch must be computed: someone reads it and it is not known; claims inputs."""
        if not any(self._is_read(task, self._readers) for task in together):
            return False
        known = recall(together)
        if known is None:
            self._readers.update(a for task in together for a in task.inputs.values())
            return True
        for task, values in zip(together, known, strict=True):
            self._store(task, values)
        return False

    @staticmethod
    def _is_read(task: Task, readers: Container[str]) -> bool:
        """Whether someone reads any output of a task."""
        return any(value_address(task.address, port) in readers for port in task.step.outputs)

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

    def _store(self, task: Task, values: Outputs) -> None:
        for port, value in values.items():
            self._hold(value_address(task.address, port), value)

    def _hold(self, address: str, value: Any) -> None:
        if self._readers[address] > 0:
            self._held[address] = value

    def _release(self, address: str) -> None:
        self._readers[address] -= 1
        if self._readers[address] <= 0:
            self._held.pop(address, None)
