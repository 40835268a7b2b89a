"""What a method answered about a scene: its objects, taken from its outputs by their type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.graph.graph import Graph
from openseg.types import Instances3D
from openseg.types.errors import StageError, UserError
from openseg_evals.samples import SceneSample
from openseg_evals.tasks.answer import output_types


@dataclass(frozen=True, eq=False)
class SceneAnswer:
    """The objects a method found in a scene.

    Attributes:
        points: The points of each object, rows of the scene's cloud, int64, rising.
        scores: The score of each.
        labels: The label of each, one of the sample's `class_ids`.
        total: How many points the cloud has.
    """

    points: tuple[NDArray[np.int64], ...]
    scores: tuple[float, ...]
    labels: tuple[int, ...]
    total: int

    def __len__(self) -> int:
        return len(self.points)

    def best_first(self) -> list[int]:
        """Rows by falling score, equal ones as they are."""
        return sorted(range(len(self)), key=lambda row: -self.scores[row])


def check_scene_answers(graph: Graph) -> None:
    """Checks that a method's answers about scenes can be scored.

    Raises:
        UserError: If the method has no output of objects.
    """
    there = output_types(graph)
    if Instances3D not in there.values():
        named = ", ".join(f"{name} ({kind.__name__})" for name, kind in there.items())
        raise UserError(
            "a benchmark of scenes needs a method with an output of type Instances3D",
            where=graph.name,
            fix=f"its outputs are: {named}",
        )


def scene_answer_of(outputs: Mapping[str, Any], sample: SceneSample, total: int) -> SceneAnswer:
    """Reads an answer from a method's outputs.

    Args:
        outputs: The outputs of one sample by name; the first `Instances3D` counts.
        sample: What was asked.
        total: How many points the scene's cloud has.

    Raises:
        StageError: If the objects are of another cloud, or of a class that was not asked for.
    """
    found = next(one for one in outputs.values() if isinstance(one, Instances3D))
    if found.total != total:
        raise StageError(
            f"the objects are points of a cloud of {found.total}, the scene's has {total}",
            where="outputs",
            fix="scores count the scene's own points: take `cloud: PointCloud` as an input",
        )
    classes = list(dict.fromkeys(sample.class_ids))
    asked = [0] * len(found)
    if found.phrases is not None:
        asked = [phrase.class_id for phrase in found.phrases.items]
    if odd := [one for one in asked if not 0 <= one < len(classes)]:
        what = f"class {odd[0]} is none of the {len(classes)} of the query"
        raise StageError(what, where="outputs")
    return SceneAnswer(
        tuple(found.of(row).numpy(force=True) for row in range(len(found))),
        tuple(found.scores.tolist()),
        tuple(classes[one] for one in asked),
        total,
    )
