"""Questions with answers for a vision-language model, about a region or a whole picture."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from openseg.mini.rooms.held_out import UNSEEN_PARTS
from openseg.mini.rooms.scene import Scene
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.held_out import UNSEEN_PAIRS, HeldOut
from openseg.mini.rooms.sentences.meaning.sight import Sight
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.sentences.picture_questions import PICTURE_QUESTIONS
from openseg.mini.rooms.sentences.region_questions import REGION_QUESTIONS, Asked
from openseg.mini.rooms.sentences.saying.asking import QUESTIONS
from openseg.mini.rooms.sentences.saying.speaker import Speaker

KINDS: tuple[str, ...] = tuple(QUESTIONS)
"""All kinds of questions: those that begin with "is" or "has" are answered by yes or no, those
that begin with "choose" name their answers."""


@dataclass(frozen=True)
class Question:
    """A question and its answer.

    Attributes:
        text: Lower case, no question mark.
        answer: Lower case words.
        kind: One of `KINDS`.
        region: Id of the thing it is about; None for the whole picture.
        held_out: What in it only `test_unseen` hears.
    """

    text: str
    answer: str
    kind: str
    region: int | None
    held_out: tuple[HeldOut, ...] = ()


def questions(
    scene: Scene, sight: Sight | None, rng: np.random.Generator, regions: int | None = None
) -> list[Question]:
    """Asks about the regions of a picture and about all of it.

    The scene's split decides what may be named, as for sentences.

    Args:
        scene: The scene.
        sight: What a picture of it shows; None for the scene itself.
        rng: Source of all chance.
        regions: About how many regions to ask; None for all that are clearly seen.

    Returns:
        Questions in random order. Of each kind of yes-no question, as many are answered by yes
        as by no.
    """
    world, draw = World(scene, sight), Draw(rng)
    if not world.clear:
        return []
    asked: list[Question] = []
    for id_ in draw.shuffled(sorted(world.clear))[:regions]:
        for ask in REGION_QUESTIONS:
            asked += _said(ask(world.things[id_], world, draw), id_, world, draw)
    for ask_all in PICTURE_QUESTIONS:
        asked += _said(ask_all(world, draw), None, world, draw)
    return draw.shuffled(asked)


def _said(asked: Iterable[Asked], region: int | None, world: World, draw: Draw) -> list[Question]:
    said = []
    for each in asked:
        speaker = Speaker(draw, world.scene.split == "test_unseen")
        text = speaker.way(QUESTIONS[each.kind]).format(**each.slots)
        held_out: list[HeldOut] = ["phrasing"] if speaker.held_out else []
        held_out += ["pair"] if any(pair in UNSEEN_PAIRS for pair in each.pairs) else []
        held_out += ["part"] if any(pair in UNSEEN_PARTS for pair in each.parts) else []
        said.append(Question(text, each.answer, each.kind, region, tuple(held_out)))
    return said
