"""One object for a sentence: relations between things are decided in 3D, not in a picture.

What linking words mean is a table; each gives a number from 0 to 1 for every pair of objects, and a
candidate's score is multiplied by its best landmark's. After the executable relations of Yuan et
al., "Visual Programming for Zero-shot Open-Vocabulary 3D Visual Grounding", CVPR 2024.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import (
    Frames,
    Instances3D,
    ParsedPhrase,
    ParsedQuery,
    Phrase,
    Phrases,
    PointCloud,
    TextQuery,
)

if TYPE_CHECKING:
    from torch import Tensor

_MEANINGS = (
    ("left", {"left"}),
    ("right", {"right"}),
    ("behind", {"behind"}),
    ("front", {"front", "facing", "before"}),
    ("between", {"between", "halfway", "middle"}),
    ("nearest", {"closest", "nearest"}),
    ("farthest", {"farthest", "furthest"}),
    ("far", {"far", "away"}),
    ("under", {"under", "below", "beneath", "underneath"}),
    ("above", {"above", "over"}),
    ("inside", {"in", "inside", "into", "within"}),
    ("on", {"on", "atop", "upon", "top"}),
)
"""What the words of a link mean; the first row that has one of them counts, else "near"."""

_SUPERLATIVES = {
    "size": ({"biggest", "largest"}, {"smallest", "tiniest"}),
    "top": ({"highest", "topmost", "tallest"}, {"lowest", "shortest"}),
}
"""Words that compare things of one kind: those for much, and those for little."""

_GROUND = {"floor", "ground", "carpet"}


class Ground(NamedTuple):
    """What relations are decided with.

    Attributes:
        boxes: float32 `[k, 6]`, upright boxes of all objects.
        scores: float32 `[k]` in [0, 1].
        classes: Class of each object.
        eye: float32 `[3]`: the middle of the cameras.
        floor: Height of the floor.
    """

    boxes: Tensor
    scores: Tensor
    classes: list[int]
    eye: Tensor
    floor: float


@stage("select.by_relation")
class SelectByRelation(Stage):
    """Answers each phrase of the query with the objects that stand as the phrase says."""

    class Config(StageConfig):
        """Settings of `select.by_relation`."""

        top: int = Field(1, ge=1, description="Objects answered a phrase. One is referred to.")

    class Outputs(NamedTuple):
        """The objects for each phrase, best first, phrase by phrase."""

        instances: Batch[Instances3D]

    def run(
        self,
        frames: Batch[Frames],
        cloud: Batch[PointCloud],
        instances: Batch[Instances3D],
        query: Batch[TextQuery],
        parsed: Batch[ParsedQuery],
        things: Batch[TextQuery],
    ) -> Outputs:
        """Decides in every scene; `instances` were found for `things`."""
        columns = zip(frames, cloud, instances, query, parsed, things, strict=True)
        return self.Outputs([self._relate(*one) for one in columns])

    def _relate(
        self,
        frames: Frames,
        cloud: PointCloud,
        instances: Instances3D,
        query: TextQuery,
        parsed: ParsedQuery,
        things: TextQuery,
    ) -> Instances3D:
        import torch

        ground = _ground(frames, cloud, instances)
        classes = {thing.span: thing.class_id for thing in things.phrases}
        rows: list[int] = []
        scores = [instances.scores[:0]]
        phrases: list[Phrase] = []
        for phrase, tree in zip(query.phrases, parsed.phrases, strict=True):
            fits = _fits(phrase, tree, ground, classes)
            order = fits.argsort(descending=True, stable=True)[: self.config.top]
            order = order[fits[order] > 0]
            rows += order.tolist()
            scores.append(fits[order])
            phrases += [phrase] * len(order)
        return replace(
            instances.take(rows), scores=torch.cat(scores), phrases=Phrases(tuple(phrases))
        )


def _ground(frames: Frames, cloud: PointCloud, instances: Instances3D) -> Ground:
    import torch

    axes = scenes.relations.upright(frames)
    best = instances.scores.max().clamp(min=1e-6) if len(instances) else 1.0
    named = instances.phrases.items if instances.phrases is not None else ()
    heights = cloud.positions @ axes[2]
    return Ground(
        scenes.relations.boxes_of(instances, cloud.positions, axes),
        (instances.scores / best).clamp(0, 1),
        [phrase.class_id for phrase in named],
        axes @ frames.poses[:, :3, 3].mean(dim=0),
        float(torch.quantile(heights[:: max(1, len(heights) // 100_000)], 0.01))
        if len(heights)
        else 0.0,
    )


def _fits(
    phrase: Phrase, tree: ParsedPhrase, ground: Ground, classes: dict[tuple[int, int], int]
) -> Tensor:
    """How well each object fits a phrase, float32 `[k]`; 0 for objects of other kinds."""
    import torch

    def of_kind(noun: int) -> Tensor:
        start, end = tree.noun_phrase_span(noun)
        kind = classes.get((phrase.span[0] + start, phrase.span[0] + end), -1)
        return ground.scores.new_tensor([one == kind for one in ground.classes])

    fits = ground.scores * of_kind(tree.root)
    candidates = (fits > 0).nonzero()[:, 0]
    own = ground.boxes[candidates]
    value = torch.ones(len(candidates), device=fits.device)
    links: dict[tuple[tuple[int, int], bool], list[int]] = {}
    for relation in tree.relations:
        if relation.noun == tree.root:
            links.setdefault((relation.span, relation.negated), []).append(relation.landmark)
    for (span, negated), landmarks in links.items():
        link = re.sub(r"\bright (?!of|side|hand)", "", tree.text[slice(*span)].lower())
        words = set(re.findall(r"\w+", link))
        meaning = next((name for name, known in _MEANINGS if words & known), "near")
        held = _link(own, meaning, landmarks, tree, ground, [of_kind(one) for one in landmarks])
        value = value * (1 - held if negated else held)
    for modifier in tree.modifiers:
        if modifier.noun == tree.root and not modifier.negated:
            value = value * _compared(own, tree.text[slice(*modifier.span)].lower())
    fits[candidates] *= value
    return fits


def _link(
    own: Tensor,
    meaning: str,
    landmarks: list[int],
    tree: ParsedPhrase,
    ground: Ground,
    kinds: list[Tensor],
) -> Tensor:
    """How far each candidate stands so to its landmarks, `[c]`; 1 if none of these was found."""
    import torch

    relations = scenes.relations
    if tree.word(landmarks[0]).lower() in _GROUND and meaning in ("on", "near"):
        return torch.exp(-(own[:, 2] - ground.floor).clamp(min=0) / relations.TOUCH)
    found = [(kind > 0) & (ground.scores > 0) for kind in kinds]
    boxes = [ground.boxes[rows] for rows in found]
    sure = [ground.scores[rows] for rows in found]
    if not all(len(some) for some in boxes) or not len(own):
        return torch.ones(len(own), device=own.device)
    if meaning == "between":
        second = 1 if len(boxes) > 1 else 0
        held = relations.between(own, boxes[0], boxes[second])
        return (held * sure[0][:, None] * sure[second][None]).flatten(1).amax(dim=1)
    values = [
        _pair(own, some, meaning, ground.eye) * s for some, s in zip(boxes, sure, strict=True)
    ]
    return torch.stack([value.amax(dim=1) for value in values]).prod(dim=0)


def _pair(own: Tensor, other: Tensor, meaning: str, eye: Tensor) -> Tensor:
    relations = scenes.relations
    if meaning in ("left", "right", "front", "behind"):
        return relations.beside(own, other, eye, meaning)
    if meaning in ("nearest", "farthest"):
        distance = relations.gaps(own, other).amin(dim=1)
        ranked = relations.first_of(distance if meaning == "farthest" else -distance)
        return ranked[:, None].expand(-1, len(other))
    if meaning == "far":
        return 1 - relations.near(own, other)
    table = {
        "under": relations.under,
        "above": relations.above,
        "inside": relations.inside,
        "on": relations.on,
        "near": relations.near,
    }
    return table[meaning](own, other)


def _compared(own: Tensor, words: str) -> Tensor:
    """How far each candidate is what a comparing word says among all of them, `[c]`."""
    import torch

    said = set(words.split())
    measures = {"size": (own[:, 3:] - own[:, :3]).prod(dim=1), "top": own[:, 5]}
    for name, (much, little) in _SUPERLATIVES.items():
        if said & (much | little):
            values = measures[name] if said & much else -measures[name]
            return scenes.relations.first_of(values)
    return torch.ones(len(own), device=own.device)
