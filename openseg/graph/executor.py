"""Runs checked graphs over samples: windows of samples, stage by stage, in batches.

Samples are read ahead in windows; within a window each node gets every sample that still needs it,
a batch at a time. What the cache knows is not computed again, what is equal is computed once, and
a sample that fails takes nothing else with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence, Sized
from contextlib import closing
from operator import itemgetter

from openseg.graph.cache import Cache
from openseg.graph.events import Listener
from openseg.graph.graph import Graph, Outcome, Sample
from openseg.graph.models import ModelProvider
from openseg.graph.run.plan import merge
from openseg.graph.run.progress import Progress
from openseg.graph.run.reading import marked
from openseg.graph.run.runner import Runner


def execute(
    graph: Graph,
    samples: Iterable[Sample],
    models: ModelProvider,
    *,
    window: int = 16,
    batch: int = 8,
    cache: Cache | None = None,
    listeners: Sequence[Listener] = (),
    keep_values: bool = False,
) -> Iterator[Outcome]:
    """Runs one method over samples.

    Args:
        graph: The checked method.
        samples: What to run it on; pulled and read ahead of the models, in another thread.
        models: Where nodes get their models; a family is loaded when a node first needs it.
        window: The most samples in work at once; fewer where inputs are large. Results do not
            depend on it.
        batch: The most samples a stage gets in one call.
        cache: Where outputs of nodes are kept across runs; None for nowhere.
        listeners: Called with every event.
        keep_values: Whether outcomes carry every value that flowed, not only the method's inputs
            and outputs; memory grows accordingly.

    Returns:
        One outcome a sample, in the order of the samples.

    Raises:
        ValueError: If `window` or `batch` is below 1.
        OpensegError: While iterating, if a model cannot be loaded.
        Exception: While iterating, whatever `samples` itself raises, after the outcomes of the
            samples before it. What reading one sample raises is that sample's error instead.
    """
    several = execute_many(
        [graph],
        samples,
        models,
        window=window,
        batch=batch,
        cache=cache,
        listeners=listeners,
        keep_values=keep_values,
    )
    return map(itemgetter(0), several)


def execute_many(
    graphs: Sequence[Graph],
    samples: Iterable[Sample],
    models: ModelProvider,
    *,
    window: int = 16,
    batch: int = 8,
    cache: Cache | None = None,
    listeners: Sequence[Listener] = (),
    keep_values: bool = False,
) -> Iterator[tuple[Outcome, ...]]:
    """Runs several methods over the same samples; what they share is computed once.

    Nodes of the same stage, settings, models and inputs are one node of the merged graph. A sample
    that fails in one method still gives its outcomes in the others.

    Args:
        graphs: The checked methods; inputs of the same name are the same input.
        samples: What to run them on; each carries the inputs of all methods.
        models: As in `execute`.
        window: As in `execute`.
        batch: As in `execute`.
        cache: As in `execute`.
        listeners: As in `execute`; a node that two methods name alike but define differently is
            called `method.node`.
        keep_values: As in `execute`.

    Returns:
        For each sample, in order, one outcome a graph, in the order of `graphs`.

    Raises:
        ValueError: If `window` or `batch` is below 1.
        MethodError: If two methods have an input of one name and different types.
        Exception: While iterating, as in `execute`.
    """
    if window < 1 or batch < 1:
        raise ValueError(f"window and batch must be at least 1, got {window} and {batch}")
    families = {family for graph in graphs for family in graph.families()}
    # Without a cache no address outlives the run, and a family's name says enough.
    fingerprints = {name: models.fingerprint(name) if cache else name for name in families}
    plan = merge(graphs, fingerprints)
    progress = Progress(plan, listeners)
    runner = Runner(plan, models, batch, cache, uuid.uuid4().hex, progress)
    return _run(runner, progress, samples, window, keep_values)


def _run(
    runner: Runner, progress: Progress, samples: Iterable[Sample], window: int, keep_values: bool
) -> Iterator[tuple[Outcome, ...]]:
    progress.begin(len(samples) if isinstance(samples, Sized) else None)
    with closing(runner):
        yield from runner.over(marked(samples, window), keep_values)
    progress.end()
