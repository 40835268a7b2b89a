"""How much of each object each view shows, and where in its picture.

Boudjoghra et al., "Open-YOLO 3D", ICLR 2025, arXiv:2406.02548 (accelerated visibility: all objects
and views in one pass over the points).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, Instances3D, InstanceViews, PointCloud


@stage("lift.visibility")
class Visibility(Stage):
    """Counts the points of each object that each view sees; points behind others are not seen."""

    class Config(StageConfig):
        """Settings of `lift.visibility`."""

        tolerance: float = Field(
            0.05,
            gt=0,
            description="The most that a point's depth may differ from the measured one, metres. "
            "Source: Open-YOLO 3D, vis_depth_threshold for ScanNet200; 0.4 for Replica.",
        )
        evidence: int = Field(
            10, ge=0, description="The most views kept as evidence of an object. Ours."
        )

    class Outputs(NamedTuple):
        """Objects by views; and the same objects, those without evidence with their best views."""

        views: Batch[InstanceViews]
        instances: Batch[Instances3D]

    def run(
        self, frames: Batch[Frames], cloud: Batch[PointCloud], instances: Batch[Instances3D]
    ) -> Outputs:
        """Looks at every scene from all its frames."""
        outputs = self.Outputs([], [])
        for seen_by, points, given in zip(frames, cloud, instances, strict=True):
            looks = scenes.looking.looks(seen_by, points.positions, self.config.tolerance)
            views = scenes.sights.instance_views(looks, given, len(seen_by))
            evidence = given.evidence or scenes.looking.evidence(
                views, seen_by.names, self.config.evidence
            )
            outputs.views.append(views)
            outputs.instances.append(replace(given, evidence=evidence))
        return outputs
