"""The pointing game: is the peak of a noun's cross-attention on its object?

Each object is asked for by "colour noun" alone, or all objects of a scene by one caption; beside
the score stands what a peak at random would give, the share of the picture the object covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openseg.io.images import image_from
from openseg.mini.recipes.data import Scene, SceneObject
from openseg.mini.world.vocabulary import held_out
from openseg.models.protocols import AttentionReading, CrossAttention

READING = AttentionReading(noise_levels=(0.05, 0.15, 0.3))


@dataclass(frozen=True)
class PointingScores:
    """Scores over a set of scenes.

    Attributes:
        pointing: share of objects with the noun's peak on them, asked for by colour and noun.
        adjective: the same for the peak of the colour's word.
        listed: the same for nouns of one caption that lists all objects of the scene.
        chance: mean share of the picture that an object covers.
        held_out: `pointing` of colour-category pairs held out of training; NaN if there are none.
        objects: how many objects.
        held_out_objects: how many of them are of such pairs.
    """

    pointing: float
    adjective: float
    listed: float
    chance: float
    held_out: float
    objects: int
    held_out_objects: int


def evaluate(
    model: CrossAttention, scenes: Sequence[Scene], reading: AttentionReading = READING
) -> PointingScores:
    """Play the pointing game on scenes.

    Args:
        model: reads the attention.
        scenes: the scenes.
        reading: at which noise and in which layers.
    """
    nouns, colours, listed, chance, rare = [], [], [], [], []
    for number, scene in enumerate(scenes):
        image = image_from(np.ascontiguousarray(scene.image), str(number))
        phrases = [f"{item.colour} {item.category}" for item in scene.objects]
        caption, places = _list(phrases)
        *alone, together = model.attend([image], [[*phrases, caption]], reading)[0]
        for item, found, place in zip(scene.objects, alone, places, strict=True):
            mask = scene.mask(item)
            noun = (len(item.colour) + 1, len(item.colour) + 1 + len(item.category))
            nouns.append(hit(found.over(noun), mask))
            colours.append(hit(found.over((0, len(item.colour))), mask))
            listed.append(hit(together.over(_shifted(noun, place)), mask))
            chance.append(float(mask.mean()))
            rare.append(_rare(item))
    kept = [ok for ok, yes in zip(nouns, rare, strict=True) if yes]
    return PointingScores(
        float(np.mean(nouns)),
        float(np.mean(colours)),
        float(np.mean(listed)),
        float(np.mean(chance)),
        float(np.mean(kept)) if kept else float("nan"),
        len(nouns),
        len(kept),
    )


def hit(heat: Tensor, mask: NDArray[np.bool_]) -> bool:
    """Whether the peak of a map, brought to the mask's size, lies on the mask."""
    pixels = torch.nn.functional.interpolate(heat[None, None], mask.shape, mode="bilinear")[0, 0]
    return bool(mask.reshape(-1)[int(pixels.argmax())])


def _list(phrases: Sequence[str]) -> tuple[str, list[int]]:
    text, places = "", []
    for phrase in phrases:
        text += ", " if text else ""
        places.append(len(text))
        text += phrase
    return text, places


def _shifted(span: tuple[int, int], by: int) -> tuple[int, int]:
    return span[0] + by, span[1] + by


def _rare(item: SceneObject) -> bool:
    return held_out(*item.pair)
