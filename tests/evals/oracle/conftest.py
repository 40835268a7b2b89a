"""A few stored stills of the mini rooms, asked for one by one and all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from openseg.graph.graph import Sample
from openseg.mini.measures.score import image_of
from openseg.mini.recipes.claims import Claim, pair_claim, truth
from openseg.mini.recipes.regions import YES, answers, whole
from openseg.mini.recipes.stills import Still
from openseg.mini.rooms.vocabulary import COLOURS
from openseg.models.store import ModelStore
from openseg.ops.text import parse_query
from openseg.types import Image, TextQuery
from openseg_evals import rle
from openseg_evals.oracle.truth import Truth
from openseg_evals.samples import Target
from tests.mini.conftest import held_out_stills

__all__ = ["held_out_stills"]

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Scene:
    """A picture and what each phrase means in it, by the renderer's own instance map."""

    image: Image
    ids: np.ndarray
    meaning: Mapping[str, tuple[int, ...]]

    def masks(self, phrase: str) -> list[np.ndarray]:
        """The masks of what a phrase means; none for a phrase that means nothing here."""
        return [self.ids == one for one in self.meaning.get(phrase, ())]


@dataclass(frozen=True)
class Question:
    """A scene and the phrases to look for."""

    scene: Scene
    phrases: tuple[str, ...]

    @property
    def query(self) -> TextQuery:
        """The phrases as a query."""
        return parse_query("; ".join(self.phrases))

    @property
    def targets(self) -> list[Target]:
        """What a data set would state."""
        return [
            Target(place, rle.encode(mask))
            for place, phrase in enumerate(self.phrases)
            for mask in self.scene.masks(phrase)
        ]

    def sample(self, number: int) -> Sample:
        """What the engine is given."""
        truth = Truth.of(self.targets, self.scene.image.size, CPU)
        given = {"image": self.scene.image, "query": self.query, "truth": truth}
        return Sample(f"q{number}", given)


@pytest.fixture(scope="session")
def scenes(held_out_stills: list[Still]) -> list[Scene]:
    return [Scene(image_of(still), still.ids, _meaning(still)) for still in held_out_stills]


def _meaning(still: Still) -> dict[str, tuple[int, ...]]:
    """The things that colours with categories, and categories alone, mean."""
    things = [whole(seen) for seen in still.things]
    pairs = dict.fromkeys(pair_claim(one) for one in things)
    claims = [*pairs, *dict.fromkeys(Claim(one.category) for one in pairs)]
    table = truth(claims, answers(things, unseen=True))
    names = [" ".join(filter(None, (one.colour, one.category))) for one in claims]
    return {
        name: tuple(things[row].seen.thing.id for row in np.flatnonzero(levels == YES))
        for name, levels in zip(names, table.T, strict=True)
    }


@pytest.fixture(scope="session")
def store() -> ModelStore:
    return ModelStore(device="cpu")


def pairs(scene: Scene) -> list[str]:
    """A scene's `colour category` phrases, each of one object."""
    return [
        text for text, ids in scene.meaning.items() if text.split()[0] in COLOURS and len(ids) == 1
    ]


@pytest.fixture(scope="session")
def questions(scenes) -> list[Question]:
    """Two phrases of each scene, each a question of its own, as in RefCOCO."""
    return [Question(scene, (text,)) for scene in scenes for text in pairs(scene)[:2]]


def samples_of(questions: Sequence[Question]) -> list[Sample]:
    """The questions for the engine."""
    return [one.sample(number) for number, one in enumerate(questions)]
