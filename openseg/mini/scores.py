"""How good the mini models are on held-out scenes, measured through the public API.

Every number is for colour-category phrases ("red cup") of scenes no model was trained on; the
unseen split asks, among others, for pairs that occur in no training scene.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from openseg import ops
from openseg.api.method import load
from openseg.io.images import image_from
from openseg.mini.recipes.data import Scene, SceneObject
from openseg.mini.world import SEEN_PAIRS, UNSEEN_PAIRS, held_out
from openseg.models.protocols import ImageTextEncoder, Prompts, PromptSegmenter, TextDetector
from openseg.models.store import ModelStore
from openseg.types import Image

if TYPE_CHECKING:
    from torch import Tensor

CHOICES = 20
BATCH = 8


@dataclass(frozen=True)
class Score:
    """A mean over objects.

    Attributes:
        value: The mean, in [0, 1].
        count: How many objects it is over.
    """

    value: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float] | Sequence[bool]) -> Score:
        """The mean of values; NaN of none."""
        return cls(float(np.mean(values)) if len(values) else float("nan"), len(values))


def phrase_of(item: SceneObject) -> str:
    """The phrase that names an object by colour and category."""
    return " ".join(item.pair)


def images_of(scenes: Sequence[Scene]) -> list[Image]:
    """The scenes' pictures as images."""
    return [image_from(np.ascontiguousarray(scene.image), str(i)) for i, scene in enumerate(scenes)]


def detector_recall(store: ModelStore, scenes: Sequence[Scene]) -> dict[str, Score]:
    """Share of phrases whose highest-scoring box overlaps the object by 0.5 IoU or more.

    Each scene is asked for all its phrases in one prompt.

    Returns:
        `all` phrases, and those of pairs `held_out` of training.
    """
    detector: TextDetector = store.load("grounding-dino")
    hits, unseen = [], []
    for start in range(0, len(scenes), BATCH):
        chunk = scenes[start : start + BATCH]
        phrases = [[phrase_of(item) for item in scene.objects] for scene in chunk]
        for scene, found in zip(
            chunk, detector.detect(images_of(chunk), phrases, 0.0), strict=True
        ):
            for column, item in enumerate(scene.objects):
                best = found.boxes[found.scores[:, column].argmax()]
                overlap = ops.boxes.iou(best[None], torch.tensor([item.box], device=best.device))
                hits.append(float(overlap) >= 0.5)
                unseen.append(held_out(*item.pair))
    rare = [hit for hit, yes in zip(hits, unseen, strict=True) if yes]
    return {"all": Score.of(hits), "held_out": Score.of(rare)}


def segmenter_iou(store: ModelStore, scenes: Sequence[Scene]) -> Score:
    """Mean IoU of the single mask from each object's ground-truth box."""
    segmenter: PromptSegmenter = store.load("sam")
    values = []
    for scene, image in zip(scenes, images_of(scenes), strict=True):
        boxes = torch.tensor([item.box for item in scene.objects], device=store.device)
        [found] = segmenter.segment([image], [Prompts(boxes=boxes)], candidates=False)
        masks = segmenter.pixels(found.logits[:, 0], image.size) > 0
        for mask, item in zip(masks, scene.objects, strict=True):
            values.append(mask_iou(mask, scene, item))
    return Score.of(values)


def encoder_choice(store: ModelStore, scenes: Sequence[Scene], seed: int = 0) -> dict[str, Score]:
    """Share of masked object crops for which the right phrase wins among twenty.

    The nineteen others are drawn from all colour-category pairs, half of them sharing the colour or
    the category.

    Returns:
        `all` objects, and those of pairs `held_out` of training.
    """
    encoder: ImageTextEncoder = store.load("clip")
    random = np.random.default_rng(seed)
    pairs = [*SEEN_PAIRS, *UNSEEN_PAIRS]
    words = encoder.encode_texts([" ".join(pair) for pair in pairs])
    column = {pair: i for i, pair in enumerate(pairs)}
    hits, unseen = [], []
    for scene, image in zip(scenes, images_of(scenes), strict=True):
        masks = torch.from_numpy(np.stack([scene.mask(item) for item in scene.objects]))
        crops = ops.crops.masked_crops(image.pixels, masks, encoder.mean_pixel, 0.1)
        fit = encoder.encode_images(crops) @ words.T
        for row, item in zip(fit, scene.objects, strict=True):
            others = [column[pair] for pair in _distractors(item.pair, pairs, random)]
            hits.append(bool(row[column[item.pair]] > row[others].max()))
            unseen.append(held_out(*item.pair))
    rare = [hit for hit, yes in zip(hits, unseen, strict=True) if yes]
    return {"all": Score.of(hits), "held_out": Score.of(rare)}


def method_iou(name: str, scenes: Sequence[Scene]) -> Score:
    """Mean IoU of a method's best mask for each phrase; 0 where it finds none."""
    method = load(name)
    values = []
    for scene in scenes:
        text = "; ".join(phrase_of(item) for item in scene.objects)
        result = method(np.ascontiguousarray(scene.image), text=text)
        for item in scene.objects:
            rows = [i for i, phrase in enumerate(result.phrases) if phrase == phrase_of(item)]
            best = max(rows, key=lambda i: float(result.scores[i]), default=None)
            values.append(mask_iou(result.masks[best], scene, item) if best is not None else 0.0)
    return Score.of(values)


def mask_iou(mask: Tensor, scene: Scene, item: SceneObject) -> float:
    """IoU of a mask with an object's visible pixels."""
    truth = torch.from_numpy(scene.mask(item)).to(mask.device)
    return float((mask & truth).sum() / (mask | truth).sum())


def _distractors(
    pair: tuple[str, str], pairs: Sequence[tuple[str, str]], random: np.random.Generator
) -> list[tuple[str, str]]:
    """Nineteen other pairs: ten that share a word with this one, nine that may be any."""
    near = [p for p in pairs if p != pair and (p[0] == pair[0] or p[1] == pair[1])]
    chosen = [near[i] for i in random.choice(len(near), CHOICES // 2, replace=False)]
    rest = [p for p in pairs if p != pair and p not in chosen]
    more = random.choice(len(rest), CHOICES - 1 - len(chosen), replace=False)
    return [*chosen, *(rest[i] for i in more)]
