"""The better ones of a set of objects: weak ones, small ones and repetitions are dropped."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Instances3D, Rows


@stage("propose.distinct_objects")
class DistinctObjects(Stage):
    """Keeps objects that are sure enough and do not nearly repeat a surer one."""

    class Config(StageConfig):
        """Settings of `propose.distinct_objects`."""

        min_score: float = Field(
            0.04, description="Less sure objects are dropped. Source: Open-YOLO 3D, ScanNet200, th."
        )
        nms_iou: float = Field(
            0.6,
            ge=0,
            le=1,
            description="Overlap above which the weaker of two is dropped, whatever they are. "
            "Source: Open-YOLO 3D, ScanNet200, nms.",
        )
        min_points: int = Field(
            1, ge=1, description="Smaller objects are dropped. Ours: empty ones are."
        )
        max_objects: int = Field(1000, ge=1, description="The most objects kept. Ours.")

    class Outputs(NamedTuple):
        """The objects kept, best first."""

        instances: Batch[Instances3D]
        rows: Batch[Rows]

    def run(self, instances: Batch[Instances3D]) -> Outputs:
        """Selects in every scene."""
        outputs = self.Outputs([], [])
        for given in instances:
            good = (given.scores >= self.config.min_score) & (given.sizes >= self.config.min_points)
            rows = good.nonzero()[:, 0]
            some = given.take(rows.tolist())
            best = scenes.point_sets.nms(some, rows.new_zeros(len(rows)), self.config.nms_iou)
            best = best[: self.config.max_objects]
            outputs.instances.append(some.take(best.tolist()))
            outputs.rows.append(Rows(rows[best]))
        return outputs
