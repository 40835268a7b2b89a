"""Boxes on the image itself as examples of what the words mean, or do not mean.

Carion et al., "SAM 3: Segment Anything with Concepts", 2025, arXiv:2511.16719: a concept prompt may
have positive and negative exemplars.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import Boxes, Exemplars, TextQuery


@stage("prompt.exemplars")
class PromptExemplars(Stage):
    """A box shows what the first phrase means, and what phrases of other classes do not."""

    class Outputs(NamedTuple):
        """The examples, phrase by phrase."""

        exemplars: Batch[Exemplars]

    def run(self, query: Batch[TextQuery], boxes: Batch[Boxes]) -> Outputs:
        """Makes every box an example for every phrase; without words, of the thing they show."""
        pairs = zip(query, boxes, strict=True)
        return self.Outputs([_exemplars(words, drawn) for words, drawn in pairs])


def _exemplars(query: TextQuery, boxes: Boxes) -> Exemplars:
    import torch

    classes = [phrase.class_id for phrase in query.phrases] or [0]
    meant = torch.tensor([one == classes[0] for one in classes], device=boxes.xyxy.device)
    about = torch.arange(len(classes), device=boxes.xyxy.device)
    return Exemplars(
        boxes.xyxy.repeat(len(classes), 1),
        meant.repeat_interleave(len(boxes)),
        about.repeat_interleave(len(boxes)),
    )
