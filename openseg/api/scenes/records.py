"""A result on a scene at rest: what one line of `scenes.jsonl` holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.io.point_runs import decode_points

CLOUDS = "clouds"
"""The folder in a run folder of clouds that were made of frames, `ID.ply`."""


@dataclass(frozen=True)
class SceneView:
    """One picture that an object was found or named in.

    Attributes:
        frame: The frame's name, as the scene's folder has it.
        weight: How much it counted, not negative; of the views of an object the largest comes
            first.
        box: Left, top, right, bottom of the object in pixels of the colour picture.
        region: The row of the method's 2D regions that said so; None where no region did.
    """

    frame: str
    weight: float
    box: tuple[float, float, float, float]
    region: int | None = None


@dataclass(frozen=True)
class SceneInstance:
    """One object at rest.

    Attributes:
        phrase: The phrase it was found for; empty if the method took no words.
        class_id: The phrase's class in the query.
        score: Higher is better.
        box: Smallest and largest x, y, z of its points, metres; zeros without points.
        runs: Its points, as `openseg.io.point_runs` writes them: skipped and taken in turn.
        views: The pictures that made it; empty where the method does not say.
    """

    phrase: str
    class_id: int
    score: float
    box: tuple[float, float, float, float, float, float]
    runs: tuple[int, ...]
    views: tuple[SceneView, ...] = ()

    @property
    def size(self) -> int:
        """How many points it has."""
        return sum(self.runs[1::2])

    def points(self, total: int) -> NDArray[np.int64]:
        """Rows of the cloud that belong to it, int64 `[m]`, rising.

        Args:
            total: Points of the cloud: `SceneRecord.points`.

        Raises:
            InputError: If the cloud has fewer points.
        """
        return decode_points(self.runs, total)


@dataclass(frozen=True)
class SceneProblem:
    """What is wrong with a scene, though it could be run.

    Attributes:
        where: The scene and the frames at fault.
        what: The fault.
        fix: What can be done.
    """

    where: str
    what: str
    fix: str


@dataclass(frozen=True)
class SceneRecord:
    """One scene at rest.

    Attributes:
        id: The sample's id.
        scene: The scene's folder as it was given.
        cloud: The PLY file whose points are numbered: a path as it was given, or, for a cloud that
            was made of the frames, relative to the run folder. Empty if there is none.
        points: How many points it has.
        frames: How many frames could be used.
        instances: What was found.
        problems: Faults of the scene; the good frames were used.
        error: What went wrong, or None.
    """

    id: str
    scene: str
    cloud: str = ""
    points: int = 0
    frames: int = 0
    instances: tuple[SceneInstance, ...] = ()
    problems: tuple[SceneProblem, ...] = ()
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data, the same for the same result."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SceneRecord:
        """The record of a parsed line."""
        instances = tuple(
            SceneInstance(
                one["phrase"],
                one["class_id"],
                one["score"],
                tuple(one["box"]),
                tuple(one["runs"]),
                tuple(SceneView(**{**view, "box": tuple(view["box"])}) for view in one["views"]),
            )
            for one in data["instances"]
        )
        problems = tuple(SceneProblem(**one) for one in data["problems"])
        return cls(**{**data, "instances": instances, "problems": problems})
