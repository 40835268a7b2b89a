"""Points for each phrase from the heat of its words, held to what the sentence says of what.

The two regularisations of Liu et al., "Segment Anyword", ICML 2025, arXiv:2505.17994: adjectives
add points to the noun they modify, other things of the sentence are where it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import (
    Heatmaps,
    ParsedPhrase,
    ParsedQuery,
    Phrase,
    Phrases,
    Points,
    Rows,
    Scores,
    TextQuery,
)

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@stage("prompt.word_points")
class WordPoints(Stage):
    """A set of points for the noun each phrase is about; none where its map has no peak.

    Positive adjective clustering: where the region of a modifier overlaps that of its noun, points
    are drawn in the overlap too. Mutual-exclusive binding: points in the regions of the phrase's
    other nouns are outside; a phrase with one noun has points outside in the background.
    """

    class Config(StageConfig):
        """Settings of `prompt.word_points`."""

        threshold: float = Field(
            0.7,
            ge=0,
            lt=1,
            description="A pixel is warm above it, on the map stretched to 0..1. "
            "Source: Segment Anyword, hard threshold 0.7.",
        )
        points: int = Field(
            3,
            ge=1,
            description="Points drawn for each word. Ours: Segment Anyword does not say how many.",
        )
        background: int = Field(
            3,
            ge=0,
            description="Points outside for a phrase with one noun, where its map is below "
            "`1 - threshold`. Source: Segment Anyword, 1 to 3.",
        )
        min_contrast: float = Field(
            1.1,
            ge=1,
            description="How many times its mean a map's peak must be; a flatter one has no peak. "
            "Ours.",
        )
        seed: int = Field(0, ge=0, description="Seed of the points. Ours.")

    class Outputs(NamedTuple):
        """Prompts, the heat in the noun's region, the phrases, and the maps of their nouns."""

        points: Batch[Points]
        scores: Batch[Scores]
        phrases: Batch[Phrases]
        rows: Batch[Rows]

    def run(
        self,
        heatmaps: Batch[Heatmaps],
        words: Batch[Phrases],
        query: Batch[TextQuery],
        parsed: Batch[ParsedQuery],
    ) -> Outputs:
        """Draws the points of every phrase; `words` says what each map is of."""
        import torch

        outputs = self.Outputs([], [], [], [])
        for maps, named, one, trees in zip(heatmaps, words, query, parsed, strict=True):
            device = maps.values.device
            random = torch.Generator().manual_seed(self.config.seed)
            regions = _Regions(maps, named, self.config)
            phrases, rows, points, scores = [], [], [], []
            for phrase, tree in zip(one.phrases, trees.phrases, strict=True):
                row = regions.row(phrase, tree.noun_span(tree.root))
                region = regions.warm(row)
                if row is not None and region is not None:
                    phrases.append(phrase)
                    rows.append(row)
                    points.append(self._points(regions, phrase, tree, (row, region), random))
                    scores.append(ops.heat.mean_over(maps.values[row], region))
            xy, labels = ops.heat.labelled(points, device)
            outputs.points.append(Points(xy, labels))
            outputs.scores.append(Scores(torch.stack(scores) if scores else xy.new_zeros(0)))
            outputs.phrases.append(Phrases(tuple(phrases)))
            outputs.rows.append(Rows(torch.tensor(rows, dtype=torch.int64, device=device)))
        return outputs

    def _points(
        self,
        regions: _Regions,
        phrase: Phrase,
        tree: ParsedPhrase,
        noun: tuple[int, Tensor],
        random: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        """Points inside and outside of what a phrase is about; `noun` is its map and region."""
        import torch

        row, region = noun
        said = [
            regions.warm(regions.row(phrase, one.span))
            for one in tree.modifiers
            if one.noun == tree.root and not one.negated
        ]
        others = [
            regions.warm(regions.row(phrase, tree.noun_span(noun)))
            for noun in tree.nouns
            if noun != tree.root
        ]
        count = self.config.points
        inside = [region, *(region & one for one in said if one is not None)]
        outside = [one & ~region for one in others if one is not None]
        warm = [ops.heat.random_points(one, count, random) for one in inside]
        cold = [ops.heat.random_points(one, count, random) for one in outside]
        if not others:
            background = regions.background(row)
            cold = [ops.heat.random_points(background, self.config.background, random)]
        return torch.cat(warm), torch.cat([warm[0][:0], *cold])


class _Regions:
    """The warm regions of the words of one sample, each found once."""

    def __init__(self, maps: Heatmaps, words: Phrases, config: WordPoints.Config) -> None:
        self._maps = maps
        self._config = config
        self._rows = {word.span: row for row, word in enumerate(words.items)}
        self._warm: dict[int, Tensor | None] = {}

    def row(self, phrase: Phrase, span: tuple[int, int]) -> int | None:
        """The map of a word, by its place in the phrase; None if it was not looked for."""
        offset = phrase.span[0]
        return self._rows.get((offset + span[0], offset + span[1]))

    def warm(self, row: int | None) -> Tensor | None:
        """The region of a map at the image's size; None without a map or a peak in it."""
        if row is None:
            return None
        if row not in self._warm:
            config = self._config
            self._warm[row] = ops.heat.warm_region(
                self._maps.values[row], self._maps.size, config.threshold, config.min_contrast
            )
        return self._warm[row]

    def background(self, row: int) -> Tensor:
        """Where a map is cold."""
        heat = ops.heat.normalized(self._maps.values[row])
        return ops.heat.resized(heat[None], self._maps.size)[0] < 1 - self._config.threshold
