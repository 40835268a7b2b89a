"""What benchmarks of images and benchmarks of scenes do differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openseg.graph.graph import Graph, Outcome, Sample
from openseg.types import PointCloud
from openseg_evals.run.inputs import check_inputs, check_templates, samples_for
from openseg_evals.run.scene_inputs import (
    check_scene_inputs,
    check_told,
    scene_samples_for,
)
from openseg_evals.samples import SceneSample
from openseg_evals.tasks.answer import answer_of, check_answers
from openseg_evals.tasks.registry import SCENE_TASKS
from openseg_evals.tasks.scene_answer import SceneAnswer, check_scene_answers, scene_answer_of

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Medium:
    """How a kind of sample goes into methods and comes out of them.

    Attributes:
        check: Checks that the benchmark can feed a method and score what it gives; raises
            `UserError`.
        check_samples: Checks that the samples have what methods take; raises `UserError`.
        samples: The engine's samples of the benchmark's.
        answer: The answer of an outcome that did not fail; raises `StageError`.
        batch: The most samples a stage sees at once; None for what the user asks.
    """

    check: Callable[[Graph], None]
    check_samples: Callable[[Sequence[Graph], Sequence[Any]], None]
    samples: Callable[[Sequence[Graph], Sequence[Any], torch.device], list[Sample]]
    answer: Callable[[Outcome, Any], Any]
    batch: int | None = None


def _check_images(graph: Graph) -> None:
    check_inputs(graph)
    check_answers(graph)


def _check_scenes(graph: Graph) -> None:
    check_scene_inputs(graph)
    check_scene_answers(graph)


def _scene_answer(outcome: Outcome, sample: SceneSample) -> SceneAnswer:
    given: Mapping[Any, Any] = outcome.values
    cloud = next(one for at, one in given.items() if not at.node and isinstance(one, PointCloud))
    return scene_answer_of(outcome.outputs, sample, len(cloud))


IMAGES = Medium(
    _check_images,
    check_templates,
    samples_for,
    lambda outcome, sample: answer_of(outcome.outputs, sample),
)
SCENES = Medium(_check_scenes, check_told, scene_samples_for, _scene_answer, batch=1)


def medium_of(task: str) -> Medium:
    """The medium of a task.

    Args:
        task: A name of `openseg_evals.tasks.registry`.
    """
    return SCENES if task in SCENE_TASKS else IMAGES
