"""A concept segmenter: are the instances of a phrase found, and does it know what is absent?"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from openseg import ops
from openseg.mini.measures.detector import detector_scores
from openseg.mini.measures.score import Score, image_of
from openseg.mini.recipes.claims import pair_claim, truth
from openseg.mini.recipes.regions import OPEN, YES, answers, whole
from openseg.mini.recipes.stills import Still
from openseg.models.protocols import TextDetections
from openseg.models.tasks.concept_segmenting import (
    ConceptInstances,
    ConceptPrompt,
    ConceptSegmenter,
)
from openseg.types import Image

FOUND = 0.5
"""Least score of an instance that counts as found: SAM 3's threshold."""


def concept_scores(
    segmenter: ConceptSegmenter, stills: Sequence[Still], *, unseen: bool = False, seed: int = 0
) -> dict[str, Score]:
    """The detector's scores of its boxes, and how its masks fit at its own threshold.

    Args:
        segmenter: The segmenter.
        stills: What it is asked about.
        unseen: Whether phrases may name held-out pairs.
        seed: Seed of the phrases.

    Returns:
        What `detector_scores` gives; `mask`, over things, the IoU of the best mask found for their
        colour and category; `found right`, over masks found for these phrases, whether they fit a
        thing that the phrase names or may name by IoU 0.5.
    """
    boxes = detector_scores(_Boxes(segmenter), stills, unseen=unseen, seed=seed)
    fits: list[float] = []
    right: list[bool] = []
    for still in stills:
        regions = [whole(seen) for seen in still.things]
        claims = dict.fromkeys(map(pair_claim, regions))
        asked = [one for one in claims if unseen or not one.held_out]
        table = truth(asked, answers(regions, unseen=unseen))
        prompts = [ConceptPrompt(f"{one.colour} {one.category}") for one in asked]
        [found] = segmenter.find([image_of(still)], [prompts], FOUND, 0.5)
        masks = torch.stack([torch.from_numpy(still.mask(seen)) for seen in still.things])
        for level, one in zip(table.T, found, strict=True):
            overlap = ops.masks.iou(masks, one.masks.cpu())
            fits += [float(row.max()) if len(row) else 0.0 for row in overlap[level == YES]]
            right += (overlap[level >= OPEN] >= 0.5).any(dim=0).tolist()
    return {**boxes, "mask": Score.of(fits), "found right": Score.of(right)}


class _Boxes:
    """A `TextDetector` that has the boxes of a concept segmenter."""

    def __init__(self, segmenter: ConceptSegmenter) -> None:
        self._segmenter = segmenter

    def detect(
        self, images: Sequence[Image], phrases: Sequence[Sequence[str]], min_score: float
    ) -> list[TextDetections]:
        """Detects each image's phrases; a box has a score for the one it was found for."""
        prompts = [[ConceptPrompt(text) for text in some] for some in phrases]
        found = self._segmenter.find(images, prompts, min_score, 0.5)
        return [_joined(some) for some in found]


def _joined(some: Sequence[ConceptInstances]) -> TextDetections:
    return TextDetections(
        torch.cat([one.boxes for one in some]),
        torch.block_diag(*[one.scores[:, None] for one in some]),  # type: ignore[no-untyped-call]
    )
