"""Training batches of the mini Grounding DINO: augmented scenes, sampled prompts, positive maps.

A prompt mixes phrases that are true in the scene with absent ones, half of those only one word
off. Truth is decided by the predicate of a phrase (colour, category or both), so a category-only
phrase is positive for every object of the category. Absent pairs are drawn only from pairs that
training scenes show: a held-out pair must not be taught as "never there".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from openseg.mini.recipes.data import Scene, SceneObject
from openseg.mini.recipes.detector_text import PAD_ID, PhraseEncoder
from openseg.mini.recipes.grounding_dino_model import MEAN, STD
from openseg.mini.world.phrases import category_texts, colour_texts, pair_texts

SIZES = ((160, 160), (160, 160), (160, 160), (160, 200), (200, 160))
"""Heights and widths that batches are drawn at."""
MAX_PHRASES = 12
LONG_SHARE, LONG_PHRASES = 0.1, 40
"""One batch in ten has prompts of up to 40 phrases, as long vocabularies give."""
SHORT_SHARE, SHORT_PHRASES = 0.3, 2
"""Three prompts in ten have one or two phrases, as a sentence of a user gives."""
TRUE_SHARE = 0.6
"""Chance of each phrase of a prompt to be drawn from what the scene shows."""
MIN_INSIDE = 0.5
"""Fraction of a box that must lie inside a crop for the object to count."""


@dataclass(frozen=True)
class Claim:
    """A phrase and what it says: `None` leaves the colour or the category open."""

    text: str
    colour: str | None
    category: str | None

    def holds(self, item: SceneObject) -> bool:
        """Whether the phrase names this object."""
        return self.colour in (None, item.colour) and self.category in (None, item.category)


@dataclass(frozen=True)
class Batch:
    """One training batch of b scenes, at most m objects a scene and t tokens a prompt.

    Attributes:
        pixel_values: normalised images, float32 [b, 3, h, w].
        input_ids: token ids, int64 [b, t].
        attention_mask: 1 for a token and 0 for padding, int64 [b, t].
        boxes: xyxy relative to the image, float32 [b, m, 4]; zeros where there is no object.
        present: objects to find, bool [b, m].
        ignored: objects mostly cut off by the crop, neither right nor wrong, bool [b, m].
        names: whether the token belongs to a phrase that names the object, bool [b, m, t].
    """

    pixel_values: Tensor
    input_ids: Tensor
    attention_mask: Tensor
    boxes: Tensor
    present: Tensor
    ignored: Tensor
    names: Tensor


SYNONYMS = {"cup": "mug", "couch": "sofa", "potted plant": "plant"}
"""Other names that prompts sometimes use for a category of the world."""


class PromptSampler:
    """Draws the phrases of a training prompt.

    Args:
        pairs: colour-category pairs that training scenes show.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = list(pairs)
        self._by_colour: dict[str, list[str]] = {}
        self._by_category: dict[str, list[str]] = {}
        for colour, category in pairs:
            self._by_colour.setdefault(colour, []).append(category)
            self._by_category.setdefault(category, []).append(colour)

    def __call__(
        self, objects: Sequence[SceneObject], most: int, rng: np.random.Generator
    ) -> list[Claim]:
        """Draw different phrases about a scene.

        Args:
            objects: objects of the scene.
            most: most phrases of a prompt that is not short.
            rng: source of chance.
        """
        most = SHORT_PHRASES if rng.random() < SHORT_SHARE else most
        count = int(rng.integers(1, most + 1))
        true_count = int(rng.binomial(count, TRUE_SHARE))
        pairs = [item.pair for item in objects]
        claims: dict[str, Claim] = {}
        for pair in rng.permutation(np.array(pairs, dtype=object).reshape(-1, 2)):
            if len(claims) < true_count:
                _add(claims, self._phrase(pair[0], pair[1], rng))
        for _ in range(count - len(claims)):
            _add(claims, self._absent(pairs, rng))
        order = rng.permutation(len(claims))
        drawn = list(claims.values())
        return [drawn[i] for i in order]

    def _absent(self, pairs: Sequence[tuple[str, str]], rng: np.random.Generator) -> Claim:
        """A phrase one word off a true one, or any pair; by chance it may still be true."""
        colour, category = self._pairs[rng.integers(len(self._pairs))]
        kind = rng.random()
        if pairs and kind < 0.7:
            true_colour, true_category = pairs[int(rng.integers(len(pairs)))]
            if kind < 0.35 and true_category in self._by_category:
                colours = self._by_category[true_category]
                colour, category = colours[rng.integers(len(colours))], true_category
            elif true_colour in self._by_colour:
                categories = self._by_colour[true_colour]
                colour, category = true_colour, categories[rng.integers(len(categories))]
        return self._phrase(colour, category, rng)

    @staticmethod
    def _phrase(colour: str, category: str, rng: np.random.Generator) -> Claim:
        """Say a pair (three times in four), only its category, or only its colour."""
        kind = rng.random()
        name = category
        if category in SYNONYMS and rng.random() < 0.2:
            name = SYNONYMS[category]
        if kind < 0.45:
            return Claim(f"{colour} {name}", colour, category)
        if kind < 0.75:
            return Claim(_any_of(pair_texts(colour, name), rng), colour, category)
        if kind < 0.82:
            return Claim(name, None, category)
        if kind < 0.92:
            return Claim(
                _any_of(category_texts(category, int(rng.integers(1, 3))), rng), None, category
            )
        return Claim(_any_of(colour_texts(colour, int(rng.integers(1, 3))), rng), colour, None)


def _any_of(texts: Sequence[str], rng: np.random.Generator) -> str:
    return texts[int(rng.integers(len(texts)))]


def make_batch(
    scenes: Sequence[Scene],
    sampler: PromptSampler,
    encoder: PhraseEncoder,
    rng: np.random.Generator,
) -> Batch:
    """Crop, flip and resize scenes, draw their prompts and map tokens to objects.

    Args:
        scenes: scenes of the step.
        sampler: draws the phrases.
        encoder: turns them into token ids.
        rng: source of chance for both.
    """
    height, width = SIZES[rng.integers(len(SIZES))]
    images, boxes, inside = [], [], []
    for scene in scenes:
        image, scene_boxes, fraction = _augment(scene, (height, width), rng)
        images.append(image)
        boxes.append(scene_boxes)
        inside.append(fraction)
    most = LONG_PHRASES if rng.random() < LONG_SHARE else MAX_PHRASES
    claims = [
        sampler([o for o, f in zip(s.objects, kept, strict=True) if f >= MIN_INSIDE], most, rng)
        for s, kept in zip(scenes, inside, strict=True)
    ]
    slots = max(1, *(len(s.objects) for s in scenes))
    encoded = [encoder([claim.text for claim in c]) for c in claims]
    length = max(len(ids) for ids, _ in encoded)
    shape = (len(scenes), slots)
    all_boxes = torch.zeros(*shape, 4)
    present, ignored = torch.zeros(shape, dtype=torch.bool), torch.zeros(shape, dtype=torch.bool)
    names = torch.zeros(*shape, length, dtype=torch.bool)
    input_ids = torch.full((len(scenes), length), PAD_ID)
    for row, (scene, (ids, owners)) in enumerate(zip(scenes, encoded, strict=True)):
        input_ids[row, : len(ids)] = torch.tensor(ids)
        truth = truth_table(claims[row], scene.objects)
        for column, fraction in enumerate(inside[row]):
            all_boxes[row, column] = torch.from_numpy(boxes[row][column])
            present[row, column] = bool(fraction >= MIN_INSIDE)
            ignored[row, column] = bool(0.02 < fraction < MIN_INSIDE)
        if len(scene.objects):
            names[row, : len(scene.objects), : len(ids)] = token_map(truth, owners)
    pixels = (torch.stack(images) - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[
        :, None, None
    ]
    mask = (torch.arange(length) < torch.tensor([[len(ids)] for ids, _ in encoded])).long()
    return Batch(pixels, input_ids, mask, all_boxes, present, ignored, names)


def truth_table(claims: Sequence[Claim], objects: Sequence[SceneObject]) -> Tensor:
    """Return bool [objects, phrases]: which phrase names which object."""
    table = [[claim.holds(item) for claim in claims] for item in objects]
    return torch.tensor(table, dtype=torch.bool).reshape(len(objects), len(claims))


def token_map(truth: Tensor, owners: Sequence[int]) -> Tensor:
    """Spread a truth table over the tokens of the prompt.

    Args:
        truth: bool [m, phrases].
        owners: phrase index of each of t tokens, -1 for special tokens.

    Returns:
        bool [m, t]; special tokens name nothing.
    """
    owner = torch.tensor(owners)
    return truth[:, owner.clamp(min=0)] & (owner >= 0)


def _add(claims: dict[str, Claim], claim: Claim) -> None:
    claims.setdefault(claim.text, claim)


def _augment(
    scene: Scene, size: tuple[int, int], rng: np.random.Generator
) -> tuple[Tensor, NDArray[np.float32], NDArray[np.float32]]:
    """Random crop of the target's aspect, flip, resize, mild light change.

    Returns:
        Image float32 [3, h, w] in 0 to 1, relative boxes [m, 4], fraction inside the crop [m].
    """
    full_h, full_w = scene.image.shape[:2]
    scale = 1.0 if rng.random() < 0.3 else float(rng.uniform(0.65, 1.0))
    height, width = size
    unit = min(full_h / height, full_w / width) * scale
    crop_h, crop_w = round(unit * height), round(unit * width)
    top = int(rng.integers(full_h - crop_h + 1))
    left = int(rng.integers(full_w - crop_w + 1))
    crop = torch.from_numpy(
        np.ascontiguousarray(scene.image[top : top + crop_h, left : left + crop_w])
    )
    image = functional.interpolate(
        crop.permute(2, 0, 1)[None].float(), size=size, mode="bilinear", antialias=True
    )[0]
    image = image / 255.0 * float(rng.uniform(0.9, 1.1)) + float(rng.uniform(-0.04, 0.04))
    boxes: NDArray[np.float32] = np.array([o.box for o in scene.objects], np.float32)
    boxes = boxes.reshape(-1, 4)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    corner = np.array([left, top, left, top], dtype=np.float32)
    size_of_crop = np.array([crop_w, crop_h, crop_w, crop_h], dtype=np.float32)
    boxes = np.asarray(((boxes - corner) / size_of_crop).clip(0.0, 1.0), dtype=np.float32)
    kept = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) * crop_w * crop_h / np.maximum(area, 1.0)
    if rng.random() < 0.5:
        image = image.flip(-1)
        boxes[:, [0, 2]] = 1.0 - boxes[:, [2, 0]]
    return image.clamp(0.0, 1.0), boxes, kept.astype(np.float32)
