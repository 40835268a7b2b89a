"""How well each region is what a sentence means: relations, comparisons and counts are decided.

The executable relations of Yuan et al., "Visual Programming for Zero-shot Open-Vocabulary 3D Visual
Grounding", CVPR 2024, arXiv:2311.15383, on the boxes of a picture: a region's fit to its words is
multiplied by how far it stands as said to the regions that fit its landmarks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import sentences
from openseg.types import Masks, ParsedPhrase, ParsedQuery, Similarity, TextQuery

if TYPE_CHECKING:
    from torch import Tensor


class _Seen(NamedTuple):
    """Regions of a picture, none twice, and how well they fit each description."""

    boxes: Tensor
    fit: Tensor
    number: dict[str, int]

    def fits(self, words: str) -> Tensor:
        """How well each region fits a description, `[n]`; 0 if nobody scored it."""
        at = self.number.get(words.lower())
        return self.fit.new_zeros(len(self.fit)) if at is None else self.fit[:, at]


@stage("score.sentence")
class Sentence(Stage):
    """Scores regions for each phrase of the query by what they fit and how they stand.

    A query of one phrase is a sentence: only as many regions as it means keep their score, others
    have 0. Of several phrases each is the name of something, and all regions keep their scores.
    """

    class Config(StageConfig):
        """Settings of `score.sentence`."""

        max_iou: float = Field(
            0.6, ge=0, le=1, description="Masks that overlap more are one region: the better. Ours."
        )
        rivals: float = Field(
            0.6,
            ge=0,
            le=1,
            description="Regions that fit a noun at least this share as well as the best one are "
            "compared with each other. Ours.",
        )
        denied: float = Field(
            0.93,
            gt=0,
            description="A region that fits what is denied at least this share as well as its noun "
            "is denied. Ours.",
        )
        min_fit: float = Field(
            0.3, gt=0, le=1, description="A landmark that fits less counts for less. Ours."
        )

    class Outputs(NamedTuple):
        """Regions by phrases of the query."""

        similarity: Batch[Similarity]

    def run(
        self,
        masks: Batch[Masks],
        similarity: Batch[Similarity],
        looks: Batch[TextQuery],
        query: Batch[TextQuery],
        parsed: Batch[ParsedQuery],
    ) -> Outputs:
        """Decides on every sample.

        Args:
            masks: The regions.
            similarity: How well they fit the looks.
            looks: What `query.looks` gave for the query.
            query: The query.
            parsed: Its phrases, parsed.
        """
        columns = zip(masks, similarity, looks, query, parsed, strict=True)
        return self.Outputs([Similarity(self._decide(*one)) for one in columns])

    def _decide(
        self,
        masks: Masks,
        similarity: Similarity,
        looks: TextQuery,
        query: TextQuery,
        parsed: ParsedQuery,
    ) -> Tensor:
        import torch

        number = {phrase.text.lower(): i for i, phrase in enumerate(looks.phrases)}
        seen = _Seen(ops.masks.boxes_from_masks(masks.data), similarity.values.clamp(min=0), number)
        columns = [
            self._sentence(tree, masks, seen) if len(query.phrases) == 1 else self._name(tree, seen)
            for tree in parsed.phrases
        ]
        return torch.stack(columns, dim=1) if columns else seen.fit.new_zeros(len(masks), 0)

    def _name(self, tree: ParsedPhrase, seen: _Seen) -> Tensor:
        """Scores for one of several phrases: all regions may be what it names."""
        return _most([self._head(tree, head, seen) for head in _heads(tree)])

    def _sentence(self, tree: ParsedPhrase, masks: Masks, seen: _Seen) -> Tensor:
        """Scores for the only phrase: the better of two that are one, no more than it means."""
        import torch

        scores = [seen.fit.new_zeros(len(masks))]
        for head in _heads(tree):
            own = seen.fits(sentences.looks.looks_of(tree, head))
            rows = ops.masks.nms(
                masks.data, own, own.new_zeros(len(own)).long(), self.config.max_iou
            )
            once = _Seen(seen.boxes[rows], seen.fit[rows], seen.number)
            value = _kept(self._head(tree, head, once), sentences.choice.count_of(tree, head))
            scores.append(torch.zeros_like(own).index_put((rows,), value))
        return _most(scores)

    def _head(self, tree: ParsedPhrase, head: int, seen: _Seen) -> Tensor:
        """How well each region is what a noun of a phrase means."""
        value = seen.fits(sentences.looks.looks_of(tree, head))
        if not len(value):
            return value
        for words in sentences.looks.denied_of(tree, head):
            value = value * (1 - self._is(seen.fits(words), value))
        links: dict[tuple[tuple[int, int], bool], list[int]] = {}
        for one in tree.relations:
            if one.noun == head and not sentences.looks.is_look(tree.text[slice(*one.span)]):
                links.setdefault((one.span, one.negated), []).append(one.landmark)
        for (span, negated), landmarks in links.items():
            if any(tree.word(one).lower() in _NOWHERE for one in landmarks):
                continue
            held = self._link(tree, span, landmarks, value, seen)
            value = value * (1 - held if negated else held)
        for comparison in sentences.choice.comparisons_of(tree, head):
            rivals = (value >= self.config.rivals * value.max()).nonzero()[:, 0]
            chosen = sentences.choice.chosen(seen.boxes[rivals], comparison)
            value = value.new_zeros(len(value)).index_put((rivals,), value[rivals] * chosen)
        return value

    def _link(
        self,
        tree: ParsedPhrase,
        span: tuple[int, int],
        landmarks: list[int],
        value: Tensor,
        seen: _Seen,
    ) -> Tensor:
        """How far each region stands so to its landmarks, `[n]`."""
        import torch

        meaning = sentences.places.meaning_of(tree.text[slice(*span)])
        fits = [seen.fits(sentences.looks.looks_of(tree, one)) for one in landmarks]
        if meaning == "is":
            return torch.stack([self._is(one, value) for one in fits]).amax(dim=0)
        fits = [self._share(one) for one in fits]
        boxes = seen.boxes
        if meaning in ("nearest", "farthest"):
            rivals = value >= self.config.rivals * value.max()
            return sentences.places.extreme(boxes, rivals, fits[0], meaning)
        if meaning == "between":
            return sentences.places.held_between(boxes, fits[0], fits[-1])
        return torch.stack([sentences.places.held_to(boxes, one, meaning) for one in fits]).prod(
            dim=0
        )

    def _is(self, fit: Tensor, noun: Tensor) -> Tensor:
        """Which regions are what is denied: 1 where it fits about as well as their noun, else 0."""
        import torch

        return torch.where(fit >= self.config.denied * noun, 1.0, 0.0)

    def _share(self, fit: Tensor) -> Tensor:
        """How sure regions are a landmark: 1 for the best, unless it fits badly itself."""
        return fit / fit.max().clamp(min=self.config.min_fit)


_NOWHERE = {"left", "right", "floor", "ground", "wall", "camera", "picture", "line", "front"}
"""Landmarks that are no regions: sides of the picture and the room itself."""


def _heads(tree: ParsedPhrase) -> list[int]:
    """The nouns a phrase asks for: one, or several joined ones as in "the cup and the lamp"."""

    def first(noun: int) -> int:
        return first(tree.words[noun].head) if tree.words[noun].role == "conj" else noun

    return [tree.root, *(i for i in tree.nouns if i != tree.root and first(i) == tree.root)]


def _most(scores: list[Tensor]) -> Tensor:
    import torch

    return torch.stack(scores).amax(dim=0)


def _kept(value: Tensor, count: int) -> Tensor:
    """The best so many values; others are 0."""
    if count == sentences.choice.ALL or count >= len(value):
        return value
    rows = value.argsort(descending=True, stable=True)[:count]
    kept = value.new_zeros(len(value))
    kept[rows] = value[rows]
    return kept
