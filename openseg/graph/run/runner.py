"""Brings window after window from inputs to outcomes: what `openseg.graph.executor` sets going."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from typing import Any

from openseg.graph.cache import Cache, CacheError
from openseg.graph.codec import to_device
from openseg.graph.events import (
    BatchHalved,
    CacheFault,
    Event,
    Listener,
    ModelLoaded,
    NodeAdvanced,
    NodeFinished,
    NodeStarted,
    RunFinished,
    RunStarted,
    SampleFailed,
    SampleFinished,
    WindowFinished,
)
from openseg.graph.graph import Outcome, Sample
from openseg.graph.models import ModelProvider
from openseg.graph.run.batching import Batches
from openseg.graph.run.calling import Outputs, call_stage
from openseg.graph.run.failure import node_failure
from openseg.graph.run.meter import Meter
from openseg.graph.run.plan import Plan, Step
from openseg.graph.run.reading import windows
from openseg.graph.run.recall import Recall
from openseg.graph.run.window import Task, Window
from openseg.graph.run.writing import Writer
from openseg.graph.stage import Stage


class Runner:
    """What lasts over the windows of a run: stages, their models, batch sizes that fit.

    Args:
        plan: What to run.
        models: Where its models come from.
        batch: The most samples a stage gets in one call.
        cache: Where outputs are kept across runs, or None.
        listeners: Told of everything.
    """

    def __init__(
        self,
        plan: Plan,
        models: ModelProvider,
        batch: int,
        cache: Cache | None,
        listeners: Sequence[Listener],
    ) -> None:
        self.plan = plan
        self.models = models
        self.cache = cache
        self.writer = None if cache is None else Writer(cache)
        self.recall = Recall()
        self.listeners = listeners
        self.adapters: dict[str, Any] = {}
        self.stages: dict[str, Stage] = {}
        self.sizes = {step.name: batch for step in plan.steps}

    def over(
        self, samples: Iterable[Sample], size: int, keep_values: bool
    ) -> Iterator[tuple[Outcome, ...]]:
        """Runs the plan over samples.

        Args:
            samples: The samples.
            size: The most samples in a window.
            keep_values: Whether outcomes carry every value.

        Yields:
            For each sample, in order, one outcome a method.
        """
        start = time.perf_counter()
        total = len(samples) if isinstance(samples, Sized) else None
        steps = self.plan.steps
        methods = tuple(
            tuple(step.name for step in steps if position in step.users)
            for position in range(len(self.plan.graphs))
        )
        self._emit(RunStarted(total, tuple(step.name for step in steps), methods))
        done = failed = 0
        try:
            for reads in windows(samples, self.plan.inputs, size, self.models.device):
                window = Window(self.plan, reads, keep_values)
                self._work(window)
                for position, read in enumerate(reads):
                    outcomes = window.outcomes(position)
                    done += 1
                    failed += self._report(read.id, outcomes)
                    yield outcomes
                    del outcomes  # or the sample would outlive its window
                self._emit(WindowFinished(len(reads)))
                if self.writer is not None:
                    self.writer.publish()
            self._drain()
        finally:
            if self.writer is not None:
                self.writer.close()
        self._emit(RunFinished(done, failed, time.perf_counter() - start))

    def _work(self, window: Window) -> None:
        self._drain()  # what the last window wrote may answer this one
        meters = {step.name: Meter(self.models.device) for step in self.plan.steps}
        cached: Counter[str] = Counter()

        def look_up(step: Step, address: str) -> Mapping[str, Any] | None:
            with meters[step.name].timed():
                found = self.recall.find(address) or self._cached(step, address)
            cached[step.name] += found is not None
            return found

        needed = window.look_up(look_up)
        for step in self.plan.steps:
            reaching = window.reaching(step)
            if not reaching:
                continue
            samples = len({sample for task in reaching for sample, _ in task.claims})
            self._emit(NodeStarted(step.name, samples))
            meter = meters[step.name]
            computed = self._compute(step, window, needed[step.name], meter)
            self._emit(
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

    def _compute(self, step: Step, window: Window, tasks: Sequence[Task], meter: Meter) -> int:
        """Computes what of a step's tasks is still needed; gives how many that were."""
        alive = [task for task in tasks if window.is_alive(task)]
        for task in tasks:
            if not window.is_alive(task):
                window.drop(task)
        if not alive:
            return 0
        stage = self._stage(step)

        def call(batch: Sequence[Task]) -> Sequence[Outputs | Exception]:
            return call_stage(step, stage, window.arguments(batch), len(batch), meter)

        def halved(size: int) -> None:
            self._emit(BatchHalved(step.name, size))

        batches = Batches(call, self.sizes[step.name], halved)
        with meter.timed(), meter.peak():
            for batch, results in batches.over(alive):
                for task, result in zip(batch, results, strict=True):
                    if isinstance(result, Exception):
                        window.fail(task, node_failure(result, step.name))
                        continue
                    window.finish(task, result)
                    self.recall.learn(task, result)
                    if self.writer is not None:
                        self.writer.put(task.address, result)
                self._emit(NodeAdvanced(step.name, len(batch)))
        self.sizes[step.name] = batches.size
        return len(alive)

    def _stage(self, step: Step) -> Stage:
        """The stage of a step, ready; made, and its models loaded, when it is first needed."""
        if step.name not in self.stages:
            roles = {role: self._adapter(name) for role, name in step.node.models.items()}
            self.stages[step.name] = step.node.stage(step.node.config, **roles)
        return self.stages[step.name]

    def _adapter(self, family: str) -> Any:
        if family not in self.adapters:
            start = time.perf_counter()
            self.adapters[family] = self.models.load(family)
            self._emit(ModelLoaded(family, time.perf_counter() - start))
        return self.adapters[family]

    def _cached(self, step: Step, address: str) -> Mapping[str, Any] | None:
        if self.cache is None:
            return None
        try:
            found = self.cache.get(address, step.outputs)
        except CacheError as error:
            self._emit(CacheFault(str(error), lasting=False))
            return None
        return None if found is None else to_device(found, self.models.device)

    def _drain(self) -> None:
        """Waits for the cache's writer and passes on what went wrong."""
        fault = None if self.writer is None else self.writer.drain()
        if fault is not None:
            self._emit(CacheFault(f"{fault}; nothing more is cached in this run", lasting=True))

    def _report(self, sample: str, outcomes: Sequence[Outcome]) -> bool:
        """Tells that a sample is done; gives whether it failed in some method."""
        failed = False
        for graph, outcome in zip(self.plan.graphs, outcomes, strict=True):
            if outcome.failure is not None:
                failed = True
                self._emit(SampleFailed(sample, graph.name, outcome.failure))
        self._emit(SampleFinished(sample))
        return failed

    def _emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)
