"""Brings window after window from inputs to outcomes: what `openseg.graph.executor` sets going."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from openseg.graph.cache import Cache, CacheError
from openseg.graph.codec import to_device
from openseg.graph.events import (
    BatchHalved,
    CacheFault,
    Listener,
    ModelLoaded,
    NodeAdvanced,
    NodeFinished,
    NodeStarted,
    SampleFailed,
    SampleFinished,
    WindowFinished,
)
from openseg.graph.graph import Outcome
from openseg.graph.models import ModelProvider
from openseg.graph.run.batching import Batches
from openseg.graph.run.calling import call_stage
from openseg.graph.run.failure import node_failure
from openseg.graph.run.fitting import Fit
from openseg.graph.run.meter import Meter, memory
from openseg.graph.run.plan import Plan, Step
from openseg.graph.run.reading import Marked, windows
from openseg.graph.run.recall import Recall
from openseg.graph.run.window import Outputs, Task, Together, Window
from openseg.graph.run.writing import Writer
from openseg.graph.stage import Stage
from openseg.types.errors import NoRoomError


class Runner:
    """What lasts over the windows of a run: stages, their models, batch sizes that fit.

    What a window gives depends on its samples, and on what lay in the cache before the run, never
    on the windows before it: a run may be stopped after any, or be spread over machines.

    Args:
        plan: What to run.
        models: Where its models come from.
        batch: The most samples a stage gets in one call.
        cache: Where outputs are kept across runs, or None.
        name: The run's own; entries of the cache that bear it are not read.
        emit: Told of everything.
    """

    def __init__(
        self,
        plan: Plan,
        models: ModelProvider,
        batch: int,
        cache: Cache | None,
        name: str,
        emit: Listener,
    ) -> None:
        self.plan = plan
        self.models = models
        self.batch = batch
        self.cache = cache
        self.name = name
        self.writer = None if cache is None else Writer(cache, name)
        self.recall = Recall()
        self.emit = emit
        self.adapters: dict[str, Any] = {}
        self.stages: dict[str, Stage] = {}
        self.sizes = {step.name: batch for step in plan.steps}
        read = partial(memory, models.device)
        self.fits = {step.name: Fit(read, models.free_bytes) for step in plan.steps}
        self.begun = False

    def over(
        self, samples: Iterable[Marked], keep_values: bool = False
    ) -> Iterator[tuple[Outcome, ...]]:
        """Runs the plan over some samples of a run; may be called again for others.

        Args:
            samples: The samples.
            keep_values: Whether outcomes carry every value.

        Yields:
            For each sample, in order, one outcome a method.
        """
        for reads in windows(samples, self.plan.inputs, self.models.device):
            window = Window(self.plan, reads, self.batch, keep_values)
            self._work(window)
            for position, read in enumerate(reads):
                outcomes = window.outcomes(position)
                self._report(read.id, outcomes)
                yield outcomes
                del outcomes  # or the sample would outlive its window
            self.emit(WindowFinished(len(reads)))
            if self.writer is not None:
                self.writer.publish()
        self._drain()

    def close(self) -> None:
        """Ends the threads of the run."""
        if self.writer is not None:
            self.writer.close()

    def _work(self, window: Window) -> None:
        self._drain()
        if self.begun:
            self.models.forget()
        self.begun = True
        meters = {step.name: Meter(self.models.device) for step in self.plan.steps}
        cached: Counter[str] = Counter()

        def look_up(step: Step, address: str) -> Outputs | None:
            with meters[step.name].timed():
                found = self._cached(step, address)
            cached[step.name] += found is not None
            return found

        def recall(together: Together) -> Sequence[Outputs] | None:
            found = self.recall.find(together)
            if found is not None:
                cached[together[0].step.name] += len(together)
            return found

        needed = window.look_up(look_up, recall)
        for step in self.plan.steps:
            reaching = window.reaching(step)
            if not reaching:
                continue
            samples = len({sample for task in reaching for sample, _ in task.claims})
            self.emit(NodeStarted(step.name, samples))
            meter = meters[step.name]
            computed = self._compute(step, window, needed[step.name], meter)
            self.emit(
                NodeFinished(
                    node=step.name,
                    samples=samples,
                    computed=computed,
                    cached=cached[step.name],
                    calls=meter.calls,
                    seconds=meter.seconds,
                    run_seconds=meter.run_seconds,
                    peak_bytes=meter.peak_bytes,
                )
            )
        self.recall.turn()

    def _compute(self, step: Step, window: Window, needed: Sequence[Together], meter: Meter) -> int:
        """Computes what of a step's tasks is still needed; gives how many that were."""
        living = [alive for together in needed if (alive := window.living(together))]
        if not living:
            return 0
        stage = self._stage(step)

        def call(batch: Sequence[Task]) -> Sequence[Outputs | Exception]:
            return call_stage(step, stage, window.arguments(batch), len(batch), meter)

        def halved(size: int) -> None:
            self.emit(BatchHalved(step.name, size))

        batches = Batches(call, self.sizes[step.name], self.fits[step.name], halved)
        with meter.timed(), meter.peak():
            for together in living:
                given = self._given(step, window, batches, together)
                if len(given) == len(together):
                    self.recall.learn(together, given)
        self.sizes[step.name] = batches.size
        return sum(len(together) for together in living)

    def _given(
        self, step: Step, window: Window, batches: Batches[Task, Outputs], together: Together
    ) -> list[Outputs]:
        """Computes a batch; gives the outputs of the tasks that did not fail."""
        given: list[Outputs] = []
        for batch, results in batches.over(together):
            for task, result in zip(batch, results, strict=True):
                if isinstance(result, Exception):
                    window.fail(task, node_failure(result, step.name))
                    continue
                window.finish(task, result)
                given.append(result)
                if self.writer is not None:
                    self.writer.put(task.address, result)
            self.emit(NodeAdvanced(step.name, len(batch)))
        return given

    def _stage(self, step: Step) -> Stage:
        """The stage of a step, ready; made, and its models loaded, when it is first needed."""
        if step.name not in self.stages:
            roles = {role: self._adapter(name, step) for role, name in step.node.models.items()}
            self.stages[step.name] = step.node.stage(step.node.config, **roles)
        return self.stages[step.name]

    def _adapter(self, family: str, step: Step) -> Any:
        if family not in self.adapters:
            start = time.perf_counter()
            self.adapters[family] = self._loaded(family, step)
            self.emit(ModelLoaded(family, time.perf_counter() - start))
        return self.adapters[family]

    def _loaded(self, family: str, step: Step) -> Any:
        """Loads a model a step needs; others make room for it, the one loaded first goes first."""
        others = [one for one in self.adapters if one not in step.node.models.values()]
        while True:
            try:
                return self.models.load(family)
            except NoRoomError:
                if not others:
                    raise
                self._release(others.pop(0))

    def _release(self, family: str) -> None:
        users = {one.name for one in self.plan.steps if family in one.node.models.values()}
        self.stages = {name: stage for name, stage in self.stages.items() if name not in users}
        del self.adapters[family]
        self.models.release(family)

    def _cached(self, step: Step, address: str) -> Mapping[str, Any] | None:
        if self.cache is None:
            return None
        try:
            found = self.cache.get(address, step.outputs, self.name)
        except CacheError as error:
            self.emit(CacheFault(str(error), lasting=False))
            return None
        return None if found is None else to_device(found, self.models.device)

    def _drain(self) -> None:
        """Waits for the cache's writer and passes on what went wrong."""
        fault = None if self.writer is None else self.writer.drain()
        if fault is not None:
            self.emit(CacheFault(f"{fault}; nothing more is cached in this run", lasting=True))

    def _report(self, sample: str, outcomes: Sequence[Outcome]) -> None:
        """Tells that a sample is done."""
        for graph, outcome in zip(self.plan.graphs, outcomes, strict=True):
            if outcome.failure is not None:
                self.emit(SampleFailed(sample, graph.name, outcome.failure))
        self.emit(SampleFinished(sample))
