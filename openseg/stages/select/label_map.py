"""One class a pixel, from masks that may overlap, each with a score for every class.

Cheng et al., "Per-Pixel Classification is Not All You Need for Semantic Segmentation", NeurIPS
2021, arXiv:2107.06278: scores add up over the masks that cover a pixel.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import Masks, Phrases, Scores, Similarity, TextQuery


@stage("select.label_map")
class LabelMap(Stage):
    """Gives every class the pixels where it scores best; pixels under no mask stay without."""

    class Outputs(NamedTuple):
        """A mask a class that is found, disjoint; the mean score over it; its first phrase."""

        masks: Batch[Masks]
        scores: Batch[Scores]
        phrases: Batch[Phrases]

    def run(
        self, masks: Batch[Masks], similarity: Batch[Similarity], query: Batch[TextQuery]
    ) -> Outputs:
        """Labels the pixels of every sample."""
        outputs = self.Outputs([], [], [])
        for regions, fit, asked in zip(masks, similarity, query, strict=True):
            scores = ops.classes.per_class(fit.values, asked.phrases)
            labels, values = ops.label_maps.labels_from_masks(regions.data, scores)
            found, means, classes = ops.label_maps.masks_of_labels(labels, values)
            names = ops.classes.class_phrases(asked.phrases)
            outputs.masks.append(Masks(found))
            outputs.scores.append(Scores(means))
            outputs.phrases.append(Phrases(tuple(names[place] for place in classes)))
        return outputs
