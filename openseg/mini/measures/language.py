"""A multimodal language model: what it says of regions, word for word against the truth.

It is asked as methods ask it: about a masked crop, or about the picture with the region's box in
red and the crop behind it. It is not told what it could answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from openseg import ops
from openseg.mini.measures.score import Score, image_of
from openseg.mini.recipes.stills import Still
from openseg.mini.recipes.vlm.dialogue import Question
from openseg.mini.recipes.vlm.room_questions import StillQuestions
from openseg.mini.rooms.records import Seen
from openseg.mini.rooms.sentences import sentences
from openseg.models.protocols import Reply, VisionLanguage, VisualQuestion

LOOKS = frozenset({"category", "colour", "material", "attributes", "looks", "function"})
"""Constructions of sentences that mean a thing by what it is, not by where it is."""

LONGEST_REPLY = 32
_BLACK = (0, 0, 0)
_YES_NO = ("is ", "has ")
_DESCRIPTIONS = frozenset(
    {"describe", "describe alone", "describe part", "resolve", "resolve around", "picture"}
)


@dataclass(frozen=True)
class _Asked:
    question: Question
    said: str


def language_scores(
    model: VisionLanguage, stills: Sequence[Still], seed: int = 0
) -> dict[str, Score]:
    """Share of right answers.

    Args:
        model: The model.
        stills: Where the regions are from.
        seed: Seed of the questions.

    Returns:
        `attributes` over questions for one word or a short list, `yes-no` (balanced accuracy: the
        mean over questions to affirm and to deny), both also over `held-out` questions, every kind
        by its name, and `target by description`: how often the thing that a sentence means is the
        one whose description shares most words with it.
    """
    rng = np.random.default_rng(seed)
    asked: list[_Asked] = []
    targets: list[bool] = []
    for still in stills:
        asking = StillQuestions(still, rng)
        things = [seen for seen in still.things if seen.thing.id in asking.clear]
        if not things:
            continue
        prompts = list(_prompts(still, things, asking))
        replies = _said(model, [prompt for prompt, _ in prompts])
        asked += [_Asked(one, said) for (_, one), said in zip(prompts, replies, strict=True)]
        targets += _matched(model, still, things, rng)
    found = _summaries(asked) | {"target by description": Score.of(targets)}
    kinds: dict[str, list[bool]] = defaultdict(list)
    for one in asked:
        kinds[one.question.kind].append(one.said == one.question.answer)
    return found | {kind: Score.of(right) for kind, right in sorted(kinds.items())}


def _prompts(
    still: Still, things: Sequence[Seen], asking: StillQuestions
) -> Iterable[tuple[VisualQuestion, Question]]:
    """Every thing's crop alone, then with the picture what only the picture can answer."""
    pixels = image_of(still).pixels
    for seen, crop in zip(things, _crops(still, things), strict=True):
        alone = asking.about_crop(seen.thing)
        for question in alone:
            yield VisualQuestion(question.text, (crop,)), question
        marked = ops.marks.boxed(pixels, seen.box)
        kinds = {question.kind for question in alone}
        for question in asking.about(seen.thing):
            if question.kind not in kinds:
                yield VisualQuestion(question.text, (marked, crop)), question
    for question in asking.about_picture():
        yield VisualQuestion(question.text, (pixels,)), question


def _matched(
    model: VisionLanguage, still: Still, things: Sequence[Seen], rng: np.random.Generator
) -> list[bool]:
    """For each sentence about looks, whether the description closest to it is its target's."""
    texts = _said(model, [VisualQuestion("describe it", (c,)) for c in _crops(still, things)])
    described = {seen.thing.id: set(text.split()) for seen, text in zip(things, texts, strict=True)}
    found = []
    for sentence in sentences(still.scene, still.sight, rng):
        if sentence.construction not in LOOKS or len(sentence.target_ids) != 1 or sentence.part:
            continue
        words = set(sentence.text.split())
        best = max(described, key=lambda id_: _overlap(described[id_], words))
        found.append(best == sentence.target_ids[0])
    return found


def _overlap(one: set[str], other: set[str]) -> float:
    """F1 of two sets of words; articles count too, they are in all of them."""
    return 2 * len(one & other) / (len(one) + len(other)) if one else 0.0


def _crops(still: Still, things: Sequence[Seen]) -> list[Tensor]:
    masks = torch.from_numpy(np.stack([still.mask(seen) for seen in things]))
    pixels = image_of(still).pixels
    return ops.crops.masked_crops(pixels, masks.to(pixels.device), _BLACK)


def _said(model: VisionLanguage, prompts: Sequence[VisualQuestion]) -> list[str]:
    replies = model.ask(prompts, LONGEST_REPLY)
    return [reply.text if isinstance(reply, Reply) else "" for reply in replies]


def _summaries(asked: Sequence[_Asked]) -> dict[str, Score]:
    held_out = [one for one in asked if one.question.held_out]
    found = {}
    for ending, some in (("", asked), (", held-out", held_out)):
        found["attributes" + ending] = Score.of(
            [one.said == one.question.answer for one in some if _is_attribute(one.question.kind)]
        )
        found["yes-no" + ending] = _balanced(
            [one for one in some if one.question.kind.startswith(_YES_NO)]
        )
    return found


def _is_attribute(kind: str) -> bool:
    return not kind.startswith(_YES_NO) and kind not in _DESCRIPTIONS


def _balanced(asked: Sequence[_Asked]) -> Score:
    sides = [
        [one.said == wanted for one in asked if one.question.answer == wanted]
        for wanted in ("yes", "no")
    ]
    mean = float(np.mean([np.mean(side) for side in sides])) if all(sides) else float("nan")
    return Score(mean, len(asked))
