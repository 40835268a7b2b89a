"""A method by its name or file: checked completely, or a graph ready to run, before any weights.

The steps are in `openseg.graph.method`: files and includes, shape, names, edges, the whole graph.
Nothing here or below runs code from the YAML or imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openseg.graph.graph import Graph
from openseg.graph.method.build import build
from openseg.graph.method.files import (
    apply_sets,
    find_pipeline,
    pipeline_names,
    pipelines_dir,
    read_method,
)
from openseg.graph.method.problem import Problem
from openseg.graph.method.spec import read_spec
from openseg.graph.models import ModelProvider
from openseg.types.errors import MethodError, MissingExtraError, MissingWeightsError

__all__ = [
    "Problem",
    "check",
    "find_pipeline",
    "load",
    "missing_weights",
    "pipeline_names",
    "pipelines_dir",
]


def load(name_or_path: str | Path, models: ModelProvider, sets: Sequence[str] = ()) -> Graph:
    """Loads a method.

    Args:
        name_or_path: The name of a shipped method or the path of a YAML file.
        models: The model families there are; none is loaded.
        sets: Settings that replace those of the file, as `node.key=value`.

    Raises:
        MethodError: For the first fault of the method, with its file and line.
    """
    graph, problems = _read(name_or_path, models, sets)
    if graph is None:
        raise problems[0].error()
    return graph


def check(name_or_path: str | Path, models: ModelProvider) -> list[Problem]:
    """All faults of a method that can be told from one another; none if it can be loaded."""
    return _read(name_or_path, models, ())[1]


def missing_weights(graph: Graph, models: ModelProvider) -> list[Problem]:
    """What keeps a method's models from loading on this machine: a problem a model family."""
    problems = []
    for family in graph.families():
        try:
            models.locate(family)
        except (MissingWeightsError, MissingExtraError) as error:
            problems.append(Problem(error.where or f"model '{family}'", error.what, error.fix))
    return problems


def _read(
    name_or_path: str | Path, models: ModelProvider, sets: Sequence[str]
) -> tuple[Graph | None, list[Problem]]:
    problems: list[Problem] = []
    try:
        path = find_pipeline(name_or_path)
        tree = apply_sets(read_method(path, problems), sets, problems)
    except MethodError as error:  # nothing after it can be judged
        return None, [*problems, Problem(error.where, error.what, error.fix)]
    graph = build(read_spec(tree, path, problems), models, problems)
    problems = list(dict.fromkeys(problems))
    return graph, problems
