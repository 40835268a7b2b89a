"""Phrases with gold trees: the rooms' sentences, and templates of general English.

A sentence needs a scene and what a picture shows of it. Its truth does not matter here, so the
picture is not rendered: everything inside it counts as seen.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from openseg.mini.recipes.parser.english import English
from openseg.mini.rooms.layout import make_still
from openseg.mini.rooms.scene import Scene, Thing
from openseg.mini.rooms.sentences import Seen, Sentence, Sight, balanced, sentences
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.saying.phrase import Phrase
from openseg.mini.rooms.splits import Split, scene_seed

EACH = 3
"""Most sentences of each construction about a scene."""


def room_sentences(split: Split, first: int, scenes: int, seed: int = 0) -> Iterator[Sentence]:
    """Sentences about scenes of a split, all constructions about equally often.

    Args:
        split: The split; it decides what may be said.
        first: Number of its first scene.
        scenes: How many scenes.
        seed: Seed of the sentences.
    """
    for index in range(first, first + scenes):
        rng = np.random.default_rng((seed, index))
        scene = make_still(scene_seed(split, index))
        found = sentences(scene, glance(scene), rng, EACH)
        yield from balanced(found, rng, len(found) * 2 // 3)


def english(count: int, seed: int, new: bool = False) -> list[Phrase]:
    """Phrases of general English.

    Args:
        count: How many.
        seed: Their seed.
        new: Whether nouns, verbs and adjectives are those kept from training.
    """
    source = English(Draw(np.random.default_rng((seed, 1))), new)
    return [source.phrase() for _ in range(count)]


def glance(scene: Scene) -> Sight:
    """What the first camera sees of a scene if nothing hides anything."""
    camera = scene.cameras[0]
    edges = (camera.width, camera.height)
    found = []
    for thing in scene.things:
        places, depths = camera.project(_corners(thing))
        low, high = np.clip(places.min(axis=0), 0, edges), np.clip(places.max(axis=0), 0, edges)
        if depths.min() > 0 and (high - low).min() >= 2:
            parts = len(thing.kind.parts)
            pixels = max(1, int((high - low).prod() / 2 / parts))
            box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
            found.append(Seen(thing.id, box, 1.0, (pixels,) * parts))
    return Sight(camera, tuple(found))


def _corners(thing: Thing) -> NDArray[np.float64]:
    """The corners of a thing's box in the world, float64 `[8, 3]`."""
    signs = np.array(np.meshgrid((-1, 1), (-1, 1), (-1, 1))).reshape(3, 8).T
    offsets = signs * np.array(thing.extent) / 2
    turn = np.radians(thing.yaw)
    rotation = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    return np.asarray(np.asarray(thing.middle) + offsets @ rotation.T)
