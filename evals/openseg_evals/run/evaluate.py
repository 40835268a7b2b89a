"""A benchmark from its name to a folder of predictions, numbers and a report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openseg import __version__
from openseg.graph.events import Listener
from openseg.models.store import ModelStore
from openseg.types.errors import UserError
from openseg_evals.datasets.registry import find_loader, load_dataset
from openseg_evals.run.benchmark import Benchmark
from openseg_evals.run.contestants import Contestant, contestants
from openseg_evals.run.folder import FORMAT_VERSION, EvalFolder
from openseg_evals.run.media import Medium, medium_of
from openseg_evals.run.merge import merge_shards, shard_folders
from openseg_evals.run.predict import open_all, predict
from openseg_evals.run.request import EvalRequest
from openseg_evals.run.scoring import score_all
from openseg_evals.run.share import share_of
from openseg_evals.run.world_data import world_data
from openseg_evals.samples import AnyDataset, AnySample
from openseg_evals.score.registry import find_metric, resolve_conventions
from openseg_evals.tasks.registry import find_task
from openseg_evals.tasks.task import Predictions, Task

SHOWN_ONLY = {"about", "best", "main", "reported", "shown"}
"""What a benchmark file says that no prediction depends on."""


@dataclass(frozen=True)
class Evaluation:
    """A finished evaluation, as a report needs it.

    Attributes:
        folder: Where it lies.
        results: What `results.json` holds; of a shard only `benchmark`, `samples` and `shard`,
            for shards are scored together.
        samples: Its samples.
        predictions: The prediction files of each method, oracle variants as `pipeline@step`.
    """

    folder: Path
    results: Mapping[str, Any]
    samples: Sequence[AnySample]
    predictions: Mapping[str, Predictions]


@dataclass(frozen=True)
class _Ready:
    """An evaluation that can begin."""

    task: Task
    models: ModelStore
    medium: Medium
    methods: Sequence[Contestant]
    dataset: AnyDataset
    options: Mapping[str, str]
    samples: Sequence[AnySample]
    identity: Mapping[str, Any]


def check(benchmark: Benchmark, request: EvalRequest) -> None:
    """Finds what would keep an evaluation from beginning; nothing is loaded or written for it.

    Args:
        benchmark: The benchmark; mini world data that are missing are rendered.
        request: The pipelines and how to run them.

    Raises:
        UserError: If a pipeline or a file is wrong or missing.
    """
    _ready(benchmark, request)


def evaluate(
    benchmark: Benchmark, request: EvalRequest, listeners: Sequence[Listener] = ()
) -> Evaluation:
    """Runs pipelines on a benchmark, or goes on with a run that was stopped, and scores them.

    Args:
        benchmark: The benchmark.
        request: The pipelines and how to run them.
        listeners: Called with every event.

    Raises:
        UserError: If a pipeline, a file or a folder is wrong; nothing has been loaded then.
    """
    ready = _ready(benchmark, request)
    methods, samples, identity = ready.methods, ready.samples, ready.identity
    out = request.out / request.shard.folder if request.shard else request.out
    if request.overwrite and not request.shard:
        shard_folders(request.out, identity)  # shards in the way are told before anything goes
    with EvalFolder.open(out, identity, overwrite=request.overwrite) as folder:
        if not folder.finished:
            shards = [] if request.shard else shard_folders(request.out, identity)
            folder.begin()
            files = open_all(folder.path, methods, ready.task, ready.options)
            if shards:
                merge_shards(folder, files, shards, len(samples))
            else:
                predict(
                    folder, files, methods, ready.medium, samples, ready.models, request, listeners
                )
        files = open_all(folder.path, methods, ready.task, ready.options)
        results = (
            {"benchmark": benchmark.name, "samples": len(samples), "shard": str(request.shard)}
            if request.shard
            else score_all(folder, benchmark, ready.dataset, ready.options, methods, files, samples)
        )
    return Evaluation(out, results, samples, files)


def _ready(benchmark: Benchmark, request: EvalRequest) -> _Ready:
    task = _task(benchmark)
    models = ModelStore(request.weights, request.device, request.dtype)
    medium = medium_of(benchmark.task)
    methods = contestants(
        request.pipelines, models, medium.check, oracle=request.oracle, given=benchmark.given
    )
    dataset = _dataset(benchmark, request.data)
    options = _conventions(benchmark, dataset)
    samples = share_of(dataset.samples, request.limit, request.shard)
    if not dataset.samples:
        raise UserError("there are no samples to run", where=benchmark.name)
    medium.check_samples([one.graph for one in methods], samples)
    identity = _identity(benchmark, request, methods, models, dataset.samples)
    return _Ready(task, models, medium, methods, dataset, options, samples, identity)


def _task(benchmark: Benchmark) -> Task:
    """The benchmark's task; wrong names are found before data are made."""
    find_metric(benchmark.metric)
    find_loader(benchmark.dataset.use)
    return find_task(benchmark.task)


def _dataset(benchmark: Benchmark, data: Path) -> AnyDataset:
    source = benchmark.dataset
    folder = world_data(benchmark, data) if source.world else source.under(data)
    return load_dataset(source.use, folder, dict(source.options))


def _conventions(benchmark: Benchmark, dataset: AnyDataset) -> dict[str, str]:
    """The metric's conventions: what the data set fixes, then what the benchmark chooses.

    A run asks only for the samples it was told to do, so a missing prediction is an empty one;
    samples outside the run are left out when scoring.
    """
    known = find_metric(benchmark.metric).conventions
    shared = {key: value for key, value in benchmark.dataset.options.items() if key in known}
    missing = {"missing": "empty"} if "missing" in known else {}
    chosen = {**missing, **shared, **dataset.metric_options, **benchmark.conventions}
    return resolve_conventions(benchmark.metric, chosen)


def _identity(
    benchmark: Benchmark,
    request: EvalRequest,
    methods: Sequence[Contestant],
    models: ModelStore,
    samples: Sequence[AnySample],
) -> dict[str, Any]:
    """What decides every byte of the predictions; how they are shown may change."""
    families = sorted({name for one in methods for name in one.graph.families()})
    return {
        "format": FORMAT_VERSION,
        "openseg": __version__,
        "benchmark": json.loads(benchmark.model_dump_json(exclude=SHOWN_ONLY)),
        "questions": _digest(samples),
        "pipelines": {one.name: _plain(one) for one in methods},
        "weights": {family: models.fingerprint(family) for family in families},
        "device": str(models.device),
        "dtype": request.dtype,
        "batch": request.batch,
        "limit": request.limit,
        "shard": str(request.shard) if request.shard else None,
    }


def _digest(samples: Sequence[AnySample]) -> str:
    """What is asked, in order: an official file that changed is another evaluation."""
    digest = hashlib.sha256()
    for one in samples:
        digest.update(repr(one.question).encode())
    return digest.hexdigest()


def _plain(method: Contestant) -> Mapping[str, Any]:
    if method.step:
        return {"oracle": method.step, "of": method.pipeline}
    return dict(method.graph.resolved)
