"""Where a text-to-image model looks for words: its cross-attention over an image that it denoises.

Tang et al., "What the DAAM: Interpreting Stable Diffusion Using Cross Attention", ACL 2023,
arXiv:2210.04885; on a real image, without sampling, Ni et al., Ref-Diff, 2023, arXiv:2308.16777.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import AttentionReading, CrossAttention
from openseg.types import Concepts, Heatmaps, Image, Phrase, Phrases, TextQuery
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

Span = tuple[int, int]

PAIRS_AT_ONCE = 64
"""Pairs of an image and a text whose maps of all tokens are held at once."""


@stage("score.cross_attention")
class ScoreCrossAttention(Stage):
    """A heat map for each phrase of the query, or for each of some words in them.

    The model reads each phrase by itself; a word's map is the mean over its tokens. With `concepts`
    it reads the phrase with the meaning that was fitted to the image.
    """

    class Config(StageConfig):
        """Settings of `score.cross_attention`."""

        noise_levels: tuple[float, ...] = Field(
            (0.1, 0.3, 0.5, 0.7),
            min_length=1,
            description="How far into the noise the image is brought, shares of the training's "
            "time steps; maps are averaged. DAAM averages over all steps of sampling; these four "
            "stand for them. Ours.",
        )
        draws: int = Field(1, ge=1, description="Draws of noise at each level. Ours.")
        strides: tuple[int, ...] = Field(
            (),
            description="Layers to read, by how many times coarser than the finest their maps are; "
            "none for all. Source: DAAM, all layers.",
        )
        seed: int = Field(0, ge=0, description="Seed of the noise. Ours.")

    class Outputs(NamedTuple):
        """A map a phrase or word, and what each map is of."""

        heatmaps: Batch[Heatmaps]
        phrases: Batch[Phrases]

    def __init__(self, config: Config, denoiser: CrossAttention) -> None:
        super().__init__(config)
        self.denoiser = denoiser

    def run(
        self,
        image: Batch[Image],
        query: Batch[TextQuery],
        words: Batch[Phrases] | None = None,
        concepts: Batch[Concepts] | None = None,
    ) -> Outputs:
        """Reads every image's phrases; equal images are encoded once.

        Raises:
            InputError: If a word is no part of the query.
        """
        rows = [one.items for one in words] if words else [one.phrases for one in query]
        plans = [_by_phrase(some, one) for some, one in zip(rows, query, strict=True)]
        pairs = [(i, place) for i, plan in enumerate(plans) for place in plan]
        maps: list[dict[int, Tensor]] = [{} for _ in query]
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            part = pairs[start : start + PAIRS_AT_ONCE]
            texts = [
                [concepts[i].items[place] if concepts else query[i].phrases[place].text]
                for i, place in part
            ]
            found = self.denoiser.attend([image[i] for i, _ in part], texts, self._reading)
            for (i, place), [attention] in zip(part, found, strict=True):
                maps[i] |= {row: attention.over(span) for row, span in plans[i][place].items()}
        return self.Outputs(
            [_stacked(some, one) for some, one in zip(maps, image, strict=True)],
            [Phrases(tuple(some)) for some in rows],
        )

    @property
    def _reading(self) -> AttentionReading:
        config = self.config
        return AttentionReading(config.noise_levels, config.draws, config.strides, config.seed)


def _by_phrase(words: Sequence[Phrase], query: TextQuery) -> dict[int, dict[int, Span]]:
    """For each phrase that holds words: their rows, and where in its text they stand."""
    plan: dict[int, dict[int, Span]] = {}
    for row, word in enumerate(words):
        start, end = word.span
        places = (
            place
            for place, phrase in enumerate(query.phrases)
            if phrase.span[0] <= start and end <= phrase.span[1]
        )
        place = next(places, None)
        if place is None:
            raise InputError(f"'{word.text}' is no part of the query", where=query.text[:60])
        offset = query.phrases[place].span[0]
        plan.setdefault(place, {})[row] = (start - offset, end - offset)
    return plan


def _stacked(maps: Mapping[int, Tensor], image: Image) -> Heatmaps:
    """Maps in the order of their rows."""
    import torch

    none = torch.zeros(0, 1, 1, device=image.pixels.device)
    ordered = [maps[row] for row in range(len(maps))]
    return Heatmaps(torch.stack(ordered) if ordered else none, image.size)
