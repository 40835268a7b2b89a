"""All instances of a concept: a noun phrase, boxes that show what is meant, or both.

Carion et al., "SAM 3: Segment Anything with Concepts", 2025, arXiv:2511.16719. Unlike
`segment.by_prompt`, which is told a place, the model decides itself what there is and where.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.tasks.concept_segmenting import (
    ConceptInstances,
    ConceptPrompt,
    ConceptSegmenter,
)
from openseg.types import (
    Boxes,
    Exemplars,
    Image,
    Masks,
    Phrase,
    Phrases,
    Scores,
    TextQuery,
)
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor


@stage("segment.by_concept")
class SegmentByConcept(Stage):
    """Finds the instances of each phrase; without words, those of what the exemplars show.

    A thing that two phrases name is found for both.
    """

    class Config(StageConfig):
        """Settings of `segment.by_concept`."""

        min_score: float = Field(
            0.5,
            ge=0,
            le=1,
            description="Instances are kept whose score, times the chance that the image shows "
            "the concept at all, is higher. Source: SAM 3, 0.5.",
        )
        min_mask: float = Field(
            0.5,
            ge=0,
            le=1,
            description="A pixel belongs to a mask where its chance is higher. Source: SAM 3, 0.5.",
        )

    class Outputs(NamedTuple):
        """The instances, phrase by phrase, best first; `presence` is a part of their score."""

        masks: Batch[Masks]
        boxes: Batch[Boxes]
        scores: Batch[Scores]
        presence: Batch[Scores]
        phrases: Batch[Phrases]

    def __init__(self, config: Config, segmenter: ConceptSegmenter) -> None:
        super().__init__(config)
        self.segmenter = segmenter

    def run(
        self,
        image: Batch[Image],
        query: Batch[TextQuery],
        exemplars: Batch[Exemplars] | None = None,
    ) -> Outputs:
        """Segments every image; it is encoded once, whatever it is asked for.

        Raises:
            InputError: If an exemplar lies outside the image.
        """
        shown = [
            None if exemplars is None else _inside(exemplars[i], one) for i, one in enumerate(image)
        ]
        asked = [self._concepts(words, boxes) for words, boxes in zip(query, shown, strict=True)]
        prompts = [
            [
                ConceptPrompt(phrase.text, None if boxes is None else boxes.about(place))
                for place, phrase in enumerate(phrases)
            ]
            for phrases, boxes in zip(asked, shown, strict=True)
        ]
        found = self.segmenter.find(image, prompts, self.config.min_score, self.config.min_mask)
        outputs = self.Outputs([], [], [], [], [])
        for one, phrases, results in zip(image, asked, found, strict=True):
            _add(outputs, one, phrases, results)
        return outputs

    def _concepts(self, query: TextQuery, exemplars: Exemplars | None) -> tuple[Phrase, ...]:
        if query.phrases or exemplars is None or not len(exemplars):
            return query.phrases
        return (Phrase(self.segmenter.without_words, 0, (0, 0)),)


def _inside(exemplars: Exemplars, image: Image) -> Exemplars:
    """The exemplars, clipped to the image."""
    boxes = ops.boxes.clip(exemplars.xyxy, image.size)
    outside = (ops.boxes.area(boxes) <= 0).nonzero()[:, 0].tolist()
    if outside:
        height, width = image.size
        corners = ",".join(f"{edge:g}" for edge in exemplars.xyxy[outside[0]].tolist())
        raise InputError(
            f"the box {corners} lies outside of the image, which is {width}x{height}",
            where=image.name,
            fix="an exemplar is a box on the image itself: left,top,right,bottom in pixels",
        )
    return replace(exemplars, xyxy=boxes)


def _add(
    outputs: SegmentByConcept.Outputs,
    image: Image,
    phrases: tuple[Phrase, ...],
    results: list[ConceptInstances],
) -> None:
    """Adds the instances of an image, those of all phrases in one."""
    import torch

    def joined(columns: list[Tensor], *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        none = torch.zeros(0, *shape, dtype=dtype, device=image.pixels.device)
        return torch.cat([none, *columns])

    masks = joined([one.masks for one in results], *image.size, dtype=torch.bool)
    names = [p for p, one in zip(phrases, results, strict=True) for _ in range(len(one.scores))]
    outputs.masks.append(Masks(masks))
    outputs.boxes.append(Boxes(joined([one.boxes for one in results], 4)))
    outputs.scores.append(Scores(joined([one.scores for one in results])))
    outputs.presence.append(
        Scores(joined([one.presence.expand(len(one.scores)) for one in results]))
    )
    outputs.phrases.append(Phrases(tuple(names)))
