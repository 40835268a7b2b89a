"""Runs all methods of an evaluation at once and writes their predictions as they come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openseg.graph.cache import Cache
from openseg.graph.events import Event, Listener, WindowFinished
from openseg.graph.executor import execute_many
from openseg.graph.graph import Outcome
from openseg.io.jsonl import append_line, keep_lines, read_lines
from openseg.models.store import ModelStore
from openseg.types.errors import StageError
from openseg_evals.run.contestants import Contestant
from openseg_evals.run.costs import Costs
from openseg_evals.run.folder import EvalFolder
from openseg_evals.run.media import Medium
from openseg_evals.run.request import EvalRequest
from openseg_evals.samples import AnySample
from openseg_evals.tasks.task import Predictions, Task

FAILURES = "failures.jsonl"
TIMINGS = "timings.json"


def open_all(
    folder: Path, methods: Sequence[Contestant], task: Task, options: Mapping[str, str]
) -> dict[str, Predictions]:
    """The prediction files of every method, each in `predictions/<name>/`."""
    return {one.name: task(folder / "predictions" / one.name, options) for one in methods}


def predict(
    folder: EvalFolder,
    files: Mapping[str, Predictions],
    methods: Sequence[Contestant],
    medium: Medium,
    samples: Sequence[AnySample],
    models: ModelStore,
    request: EvalRequest,
    listeners: Sequence[Listener],
) -> None:
    """Brings the predictions in a folder from where they are to the end.

    A sample on which a method fails counts as an empty answer and is noted in `failures.jsonl`.

    Args:
        folder: Where predictions go; says where to begin.
        files: The prediction files, by method.
        methods: What to run; equal nodes are computed once.
        medium: How samples go in and answers come out.
        samples: All samples of the run.
        models: Where models come from.
        request: Batch size and cache.
        listeners: Called with every event.
    """
    failures = folder.path / FAILURES
    for name, file in files.items():
        file.back_to(folder.marks.get(name, 0))
    keep_lines(failures, folder.marks.get(FAILURES, 0))
    costs = Costs(list(files), _timings(folder.path))
    done = folder.done
    noted = len(read_lines(failures))

    def commit(event: Event) -> None:
        nonlocal done
        if isinstance(event, WindowFinished):
            done += event.samples
            folder.write_json(TIMINGS, costs.as_json())
            marks = {name: file.mark() for name, file in files.items()}
            folder.commit(done, {**marks, FAILURES: noted})

    todo = samples[folder.done :]
    graphs = [one.graph for one in methods]
    batch = medium.batch or request.batch
    outcomes = execute_many(
        graphs,
        medium.samples(graphs, todo, models.device),
        models,
        window=batch if medium.batch else 2 * batch,
        batch=batch,
        cache=Cache(request.cache) if request.cache else None,
        listeners=[costs, *listeners, commit],
    )
    for sample, found in zip(todo, outcomes, strict=True):
        for method, outcome in zip(methods, found, strict=True):
            answer, error = _settled(medium, outcome, sample)
            files[method.name].write(sample, answer)
            if error is not None:
                append_line(failures, {"pipeline": method.name, "id": sample.id, "error": error})
                noted += 1
    folder.write_json(TIMINGS, costs.as_json())
    for file in files.values():
        file.finish()
    marks = {name: file.mark() for name, file in files.items()}
    folder.commit(len(samples), {**marks, FAILURES: noted}, finished=True)


def _settled(medium: Medium, outcome: Outcome, sample: AnySample) -> tuple[Any, str | None]:
    """The answer to a sample, or why there is none."""
    if outcome.failure is not None:
        return None, outcome.error
    try:
        return medium.answer(outcome, sample), None
    except StageError as error:
        return None, str(error)


def _timings(folder: Path) -> dict[str, Any] | None:
    file = folder / TIMINGS
    try:
        timings: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):  # only costs: predictions do not depend on them
        return None
    return timings
