"""Objects of any kind, as a 3D network finds them in a cloud.

Schult et al., "Mask3D", ICRA 2023, arXiv:2210.03105, as OpenMask3D and Open-YOLO 3D use it: its
classes are ignored.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.tasks.scene_proposing import SceneProposer
from openseg.types import Instances3D, PointCloud


@stage("propose.scene_objects")
class SceneObjects(Stage):
    """Asks a network for objects; `propose.distinct_objects` drops weak and repeated ones."""

    class Outputs(NamedTuple):
        """Objects as the network gave them."""

        instances: Batch[Instances3D]

    def __init__(self, config: StageConfig, proposer: SceneProposer) -> None:
        super().__init__(config)
        self.proposer = proposer

    def run(self, cloud: Batch[PointCloud]) -> Outputs:
        """Proposes in every scene."""
        return self.Outputs(self.proposer.propose(cloud))
