"""Things and stuff of a closed set of classes, as a task word says: one network, three tasks.

Jain et al., "OneFormer: One Transformer to Rule Universal Image Segmentation", CVPR 2023,
arXiv:2211.06220.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.tasks.universal import MaskQueries, Task, UniversalSegmenter
from openseg.stages.propose._known import known_query
from openseg.types import Image, Masks, Scores, Similarity, TextQuery

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.ops.mask_queries import Labelled


@stage("propose.by_task")
class ByTask(Stage):
    """Segments every image for one task, and says what words the segmenter knows."""

    class Config(StageConfig):
        """Settings of `propose.by_task`."""

        task: Task = Field(
            "panoptic",
            description="panoptic: things one by one and all stuff, disjoint; instance: things "
            "alone, which may overlap; semantic: one region a class. Source: OneFormer.",
        )
        min_score: float = Field(
            0.5,
            ge=0,
            le=1,
            description="Instances and segments whose class is not more likely are dropped. "
            "Source: OneFormer, OBJECT_MASK_THRESHOLD 0.5 on ADE20K (0.8 on COCO and Cityscapes); "
            "0 for average precision.",
        )
        min_left: float = Field(
            0.8,
            ge=0,
            le=1,
            description="Share of its pixels that a panoptic segment must win against the others. "
            "Source: OneFormer, OVERLAP_THRESHOLD 0.8.",
        )

    class Outputs(NamedTuple):
        """Regions; how sure each is; 1 for its class among the known, else 0; the known words."""

        masks: Batch[Masks]
        quality: Batch[Scores]
        classes: Batch[Similarity]
        known: Batch[TextQuery]

    def __init__(self, config: Config, segmenter: UniversalSegmenter) -> None:
        super().__init__(config)
        self.segmenter = segmenter
        inference = {
            "panoptic": self._panoptic,
            "instance": self._instances,
            "semantic": self._semantic,
        }
        self._regions = inference[config.task]

    def run(self, image: Batch[Image]) -> Outputs:
        """Segments every image."""
        import torch

        known = known_query(self.segmenter.class_names)
        outputs = self.Outputs([], [], [], [])
        found = self.segmenter.queries(image, self.config.task)
        for one, queries in zip(image, found, strict=True):
            regions = self._regions(queries, one.size)
            alone = torch.eye(len(known.phrases), device=regions.labels.device)[regions.labels]
            outputs.masks.append(Masks(regions.masks))
            outputs.quality.append(Scores(regions.scores))
            outputs.classes.append(Similarity(alone))
            outputs.known.append(known)
        return outputs

    def _panoptic(self, queries: MaskQueries, size: tuple[int, int]) -> Labelled:
        settings = self.config.min_score, self.config.min_left
        things = self._things(queries)
        return ops.mask_queries.panoptic(queries.chances, queries.logits, size, things, *settings)

    def _instances(self, queries: MaskQueries, size: tuple[int, int]) -> Labelled:
        things, least = self._things(queries), self.config.min_score
        return ops.mask_queries.instances(queries.chances, queries.logits, size, things, least)

    def _semantic(self, queries: MaskQueries, size: tuple[int, int]) -> Labelled:
        return ops.mask_queries.semantic(queries.chances, queries.logits, size)

    def _things(self, queries: MaskQueries) -> Tensor:
        import torch

        return torch.tensor(self.segmenter.things, device=queries.chances.device)
