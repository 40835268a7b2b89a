"""One class a pixel, from a map for each phrase: the highest map wins."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Heatmaps, Masks, Phrases, Scores


@stage("select.dense_map")
class DenseMap(Stage):
    """Gives every class the pixels where one of its phrases' maps is the highest."""

    class Config(StageConfig):
        """Settings of `select.dense_map`."""

        min_value: float = Field(
            0.0,
            ge=0,
            description="Pixels whose highest map is lower belong to no class. Ours: none are.",
        )

    class Outputs(NamedTuple):
        """A mask a class that is found, disjoint; the mean value over it; its first phrase."""

        masks: Batch[Masks]
        scores: Batch[Scores]
        phrases: Batch[Phrases]

    def run(
        self,
        heatmaps: Batch[Heatmaps],
        phrases: Batch[Phrases],
        times: Batch[Heatmaps] | None = None,
    ) -> Outputs:
        """Labels the pixels of every sample.

        Args:
            heatmaps: The maps.
            phrases: What each map is of.
            times: Other maps of the same to multiply them with, pixel by pixel.
        """
        import torch

        outputs = self.Outputs([], [], [])
        for i, (maps, names) in enumerate(zip(heatmaps, phrases, strict=True)):
            both = [maps.values, *([times[i].values] if times else [])]
            places, values = ops.label_maps.labels_from_maps(both, maps.size)
            classes = torch.tensor(
                [*ops.classes.class_places(names.items), ops.label_maps.NONE], device=places.device
            )
            high = values >= self.config.min_value
            labels = torch.where(high, classes[places], ops.label_maps.NONE)
            found, means, kept = ops.label_maps.masks_of_labels(labels, values)
            first = ops.classes.class_phrases(names.items)
            outputs.masks.append(Masks(found))
            outputs.scores.append(Scores(means))
            outputs.phrases.append(Phrases(tuple(first[place] for place in kept)))
        return outputs
