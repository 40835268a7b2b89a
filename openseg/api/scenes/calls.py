"""A method called on scenes: from folders to results and from results to records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from openseg.api.inputs import Request
from openseg.api.scenes.inputs import GivenScene, SceneSamples
from openseg.api.scenes.records import (
    CLOUDS,
    SceneInstance,
    SceneProblem,
    SceneRecord,
    SceneView,
)
from openseg.api.scenes.result import SceneResult
from openseg.graph.graph import Outcome
from openseg.io.point_runs import encode_points

if TYPE_CHECKING:
    from openseg.api.method import Method


def call_scenes(method: Method, scene: Any, request: Request) -> SceneResult | list[SceneResult]:
    """Runs a method on a scene, or on a list of them.

    Args:
        method: The method.
        scene: A folder, a `Scene`, or a list of these.
        request: What is asked.

    Returns:
        One result, or for a list of scenes a list of results in the same order.

    Raises:
        OpensegError: If a scene cannot be used or a stage fails.
    """
    several = isinstance(scene, Sequence) and not isinstance(scene, str)
    scenes = list(scene) if several else [scene]
    named = {str(i): one for i, one in enumerate(scenes)}
    given = SceneSamples(method.graph, named, request, method.models.device)
    results = [
        scene_result(method, outcome, given.found.get(outcome.id))
        for outcome in method.stream(given.samples, keep_values=True)
    ]
    return results if several else results[0]


def scene_result(method: Method, outcome: Outcome, given: GivenScene | None) -> SceneResult:
    """The result of one outcome.

    Args:
        method: The method.
        outcome: What it gave.
        given: The scene as it was found.

    Raises:
        OpensegError: The failure of the sample, if it failed.
    """
    if outcome.failure is not None:
        raise outcome.failure
    return SceneResult(
        outcome.outputs,
        outcome.values,
        method.graph,
        outcome.id,
        given.path if given else "",
        given.cloud_path if given else None,
        problems_of(given),
    )


def problems_of(given: GivenScene | None) -> tuple[SceneProblem, ...]:
    """The faults of a scene at rest."""
    found = given.problems if given else ()
    return tuple(SceneProblem(one.where, one.what, one.fix) for one in found)


def record_of_scene(result: SceneResult) -> SceneRecord:
    """Brings a result to rest.

    Scores are rounded to 6 decimals, metres and pixels to 3, finer than anything they mean.
    """
    found = result.instances
    columns = zip(
        result.phrases,
        result.class_ids,
        found.scores.tolist(),
        result.boxes.tolist(),
        result.views,
        strict=True,
    )
    instances = tuple(
        SceneInstance(
            phrase,
            class_id,
            round(score, 6),
            tuple(round(v, 3) for v in box),
            tuple(encode_points(found.of(row).numpy())),
            tuple(_rounded(view) for view in views),
        )
        for row, (phrase, class_id, score, box, views) in enumerate(columns)
    )
    own = "" if result.cloud_path is None else str(result.cloud_path)
    return SceneRecord(
        id=result.id,
        scene=result.scene,
        cloud=own if result.made_cloud is None else f"{CLOUDS}/{result.id}.ply",
        points=found.total,
        frames=len(result.frames) if result.frames else 0,
        instances=instances,
        problems=result.problems,
    )


def _rounded(view: SceneView) -> SceneView:
    left, top, right, bottom = (round(v, 3) for v in view.box)
    return SceneView(view.frame, round(view.weight, 6), (left, top, right, bottom), view.region)
