"""A few rendered scenes of the mini world, asked for one by one and all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
import torchvision  # noqa: F401 (before VTK draws: its LLVM and that of Triton do not mix)

from openseg.graph.graph import Sample
from openseg.io.images import image_from
from openseg.mini.world import Renderer, phrases, sample
from openseg.models.store import ModelStore
from openseg.ops.text import parse_query
from openseg.types import Image, TextQuery
from openseg_evals import rle
from openseg_evals.oracle.truth import Truth
from openseg_evals.samples import Target

SCENES = 5
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
def scenes() -> list[Scene]:
    pytest.importorskip("pyvista")
    renderer = Renderer(256, 256)
    found = []
    for number in range(SCENES):
        scene, view = sample("test_seen", 1000 + number, renderer)
        meaning = {one.text: one.object_ids for one in phrases(scene.things)}
        found.append(Scene(image_from(view.image, f"scene {number}"), view.ids, meaning))
    renderer.close()
    return found


@pytest.fixture(scope="session")
def store() -> ModelStore:
    return ModelStore(device="cpu")


def pairs(scene: Scene) -> list[str]:
    """A scene's `colour category` phrases, each of one object."""
    two = [text for text in scene.meaning if len(text.split()) == 2]
    return [
        text for text in two if text.split()[0] not in {"the", "a", "an"} and "object" not in text
    ]


@pytest.fixture(scope="session")
def questions(scenes) -> list[Question]:
    """Two phrases of each scene, each a question of its own, as in RefCOCO."""
    return [Question(scene, (text,)) for scene in scenes for text in pairs(scene)[:2]]


def samples_of(questions: Sequence[Question]) -> list[Sample]:
    """The questions for the engine."""
    return [one.sample(number) for number, one in enumerate(questions)]
