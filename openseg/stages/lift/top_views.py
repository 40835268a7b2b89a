"""The views that show most of each object, and the boxes around it there.

Takmaz et al., "OpenMask3D", NeurIPS 2023, arXiv:2306.13631 (frame selection by visibility).
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import InstanceViews, Rows, ViewRegions


@stage("lift.top_views")
class TopViews(Stage):
    """Gives a box for each object in each of its best views."""

    class Config(StageConfig):
        """Settings of `lift.top_views`."""

        top: int = Field(5, ge=1, description="Views of an object. Source: OpenMask3D, top_k.")

    class Outputs(NamedTuple):
        """Boxes with the share of the best view that each view shows; and whose they are."""

        regions: Batch[ViewRegions]
        objects: Batch[Rows]

    def run(self, views: Batch[InstanceViews]) -> Outputs:
        """Chooses the views of every scene's objects."""
        outputs = self.Outputs([], [])
        for one in views:
            view, row = scenes.voting.best_views(one, self.config.top).T.nonzero(as_tuple=True)
            most = one.visible.amax(dim=1) if one.visible.shape[1] else one.visible.sum(dim=1)
            shares = one.visible[row, view].float() / most[row].clamp(min=1)
            outputs.regions.append(ViewRegions(view, one.boxes[row, view], shares))
            outputs.objects.append(Rows(row))
        return outputs
