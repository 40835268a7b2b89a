"""Runs all methods of an evaluation at once and writes their predictions as they come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from openseg.graph.cache import Cache
from openseg.graph.engine.work import Work
from openseg.graph.events import Event, Listener, WindowFinished
from openseg.graph.graph import Graph, Outcome, Sample
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
    folder.write_json(TIMINGS, costs.as_json())
    done = folder.done
    noted = len(read_lines(failures))

    def commit(event: Event) -> None:
        nonlocal done
        if isinstance(event, WindowFinished):
            done += event.samples
            costs.spend(models.spending())
            folder.write_json(TIMINGS, costs.as_json())
            marks = {name: file.mark() for name, file in files.items()}
            folder.commit(done, {**marks, FAILURES: noted})

    todo = samples[folder.done :]
    graphs = [one.graph for one in methods]
    batch = medium.batch or request.batch
    work = Work(
        graphs,
        models,
        feed=partial(_feed, medium, graphs, models),
        finish=partial(_settled, medium),
        window=batch if medium.batch else 2 * batch,
        batch=batch,
        cache=Cache(request.cache) if request.cache else None,
        run=costs.run,
    )
    answers = request.engine.over(work, todo, folder.done, [costs, *listeners, commit])
    for sample, found in zip(todo, answers, strict=True):
        for method, (answer, error) in zip(methods, found, strict=True):
            files[method.name].write(sample, answer)
            if error is not None:
                append_line(failures, {"pipeline": method.name, "id": sample.id, "error": error})
                noted += 1
    costs.spend(models.spending())
    folder.write_json(TIMINGS, costs.as_json())
    for file in files.values():
        file.finish()
    marks = {name: file.mark() for name, file in files.items()}
    folder.commit(len(samples), {**marks, FAILURES: noted}, finished=True)


def _feed(
    medium: Medium, graphs: Sequence[Graph], models: ModelStore, samples: Sequence[AnySample]
) -> list[Sample]:
    return medium.samples(graphs, samples, models.device)


def _settled(
    medium: Medium, sample: AnySample, outcomes: tuple[Outcome, ...]
) -> list[tuple[Any, str | None]]:
    """The answer of each method to a sample, or why there is none."""
    settled: list[tuple[Any, str | None]] = []
    for outcome in outcomes:
        if outcome.failure is not None:
            settled.append((None, outcome.error))
            continue
        try:
            settled.append((medium.answer(outcome, sample), None))
        except StageError as error:
            settled.append((None, str(error)))
    return settled


def _timings(folder: Path) -> dict[str, Any] | None:
    file = folder / TIMINGS
    try:
        timings: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):  # only costs: predictions do not depend on them
        return None
    return timings
