"""Sentences with exactly the things they are true of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np

from openseg.mini.rooms.scene import Scene
from openseg.mini.rooms.sentences.constructions import CONSTRUCTIONS, Construction
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.held_out import UNSEEN_CONSTRUCTIONS, HeldOut, unseen_in
from openseg.mini.rooms.sentences.meaning.forms import Form
from openseg.mini.rooms.sentences.meaning.sight import Sight
from openseg.mini.rooms.sentences.meaning.truth import targets
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.sentences.saying.phrase import Phrase
from openseg.mini.rooms.sentences.saying.say import say
from openseg.mini.rooms.sentences.saying.speaker import Speaker

_TRIES = 40


class Tags(TypedDict):
    """What a sentence is counted under."""

    construction: str
    held_out: tuple[HeldOut, ...]
    targets: Literal["none", "one", "several"]


@dataclass(frozen=True)
class Sentence:
    """A sentence about a scene or a picture.

    Attributes:
        text: Lower case, no punctuation but the apostrophe of "the cup's handle".
        construction: Name of its construction.
        target_ids: Ids of exactly the things it means, ascending; empty if it means none.
        part: The part of these things that it means, or None for the whole things.
        held_out: What in it only `test_unseen` hears; empty for most sentences.
        form: Its logical form.
        gold: Its words and their dependency tree, from which `head_span` and `modifier_spans`
            follow.
    """

    text: str
    construction: str
    target_ids: tuple[int, ...]
    part: str | None
    held_out: tuple[HeldOut, ...]
    form: Form
    gold: Phrase

    @property
    def tags(self) -> Tags:
        """Construction, what is held out, and whether it means none, one or several things."""
        count = len(self.target_ids)
        number: Literal["none", "one", "several"] = (
            "none" if count == 0 else "one" if count == 1 else "several"
        )
        return Tags(construction=self.construction, held_out=self.held_out, targets=number)


def sentences(
    scene: Scene, sight: Sight | None, rng: np.random.Generator, each: int = 2
) -> list[Sentence]:
    """Makes sentences about a scene.

    The scene's split decides what may be said: only `test_unseen` uses held-out constructions,
    phrasings and pairs.

    Args:
        scene: The scene.
        sight: What a picture of it shows, see `sight_of`; None for sentences about the scene
            itself, in which no relation of the picture or viewer occurs.
        rng: Source of all chance.
        each: At most so many sentences of each construction.

    Returns:
        Sentences of all constructions that the scene allows, no text twice. Each is certain:
        nothing in it hinges on a near tie or on something that is hardly seen.
    """
    world, draw = World(scene, sight), Draw(rng)
    if not world.things:
        return []
    unseen = scene.split == "test_unseen"
    made: dict[str, Sentence] = {}
    for construction in CONSTRUCTIONS:
        if unseen or construction.name not in UNSEEN_CONSTRUCTIONS:
            _add(made, construction, world, draw, each)
    return list(made.values())


def _add(
    made: dict[str, Sentence], construction: Construction, world: World, draw: Draw, each: int
) -> None:
    """Adds up to `each` sentences of a construction."""
    wanted = len(made) + each
    for _, form in zip(range(_TRIES), construction.propose(world, draw), strict=False):
        ids = targets(form, world)
        if ids is None or construction.empty == bool(ids):
            continue
        sentence = _said(form, ids, construction, world, draw)
        if sentence is not None and sentence.text not in made:
            made[sentence.text] = sentence
            if len(made) == wanted:
                return


def _said(
    form: Form, ids: tuple[int, ...], construction: Construction, world: World, draw: Draw
) -> Sentence | None:
    """The sentence of a form; None if it names a held-out pair outside of `test_unseen`."""
    unseen = world.scene.split == "test_unseen"
    categories = frozenset(world.things[id_].category for id_ in ids)
    held_out = unseen_in(form, categories)
    if held_out and not unseen:
        return None
    speaker = Speaker(draw, unseen)
    phrase = say(form, speaker)
    if speaker.held_out:
        held_out.insert(0, "phrasing")
    if construction.name in UNSEEN_CONSTRUCTIONS:
        held_out.insert(0, "construction")
    part = form.part.part if form.part is not None else None
    return Sentence(phrase.text, construction.name, ids, part, tuple(held_out), form, phrase)


def balanced(pool: Sequence[Sentence], rng: np.random.Generator, n: int) -> list[Sentence]:
    """Draws sentences so that all constructions in a pool come about equally often.

    Args:
        pool: Sentences of a scene, or of many.
        rng: Source of all chance.
        n: How many to draw.

    Returns:
        `n` different sentences, or the whole pool in random order if it has fewer.
    """
    draw = Draw(rng)
    by_name: dict[str, list[Sentence]] = {}
    for sentence in draw.shuffled(pool):
        by_name.setdefault(sentence.construction, []).append(sentence)
    drawn: list[Sentence] = []
    while by_name and len(drawn) < n:
        for name in draw.shuffled(sorted(by_name))[: n - len(drawn)]:
            drawn.append(by_name[name].pop())
            if not by_name[name]:
                del by_name[name]
    return drawn
