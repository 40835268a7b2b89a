"""Score an image-text encoder: the right phrase of 20 for the crop of one object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from openseg.mini.recipes.clip_crops import square_crop
from openseg.mini.recipes.data import Scene
from openseg.mini.world import SEEN_PAIRS, UNSEEN_PAIRS

TEMPLATES = ("{} {}", "a {} {}", "the {} {}", "a photo of a {} {}")


def distractors(
    pair: tuple[str, str], rng: np.random.Generator, count: int = 19
) -> list[tuple[str, str]]:
    """Draw wrong pairs, about a third with the colour and a third with the category of the right.

    Args:
        pair: the right colour and category.
        rng: source of the draw.
        count: how many.
    """
    wrong = [p for p in SEEN_PAIRS + UNSEEN_PAIRS if p != pair]
    same_colour = [p for p in wrong if p[0] == pair[0]]
    same_category = [p for p in wrong if p[1] == pair[1]]
    third = count // 3
    drawn = [same_colour[i] for i in rng.permutation(len(same_colour))[:third]]
    drawn += [same_category[i] for i in rng.permutation(len(same_category))[:third]]
    left = [p for p in wrong if p not in drawn]
    return drawn + [left[i] for i in rng.permutation(len(left))[: count - len(drawn)]]


@torch.inference_mode()
def embed_crops(model: Any, processor: Any, crops: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
    """Unit image embeddings, float32 [n, d], through the shipped preprocessing."""
    pixels = processor.image_processor(images=list(crops), return_tensors="pt")["pixel_values"]
    found = model.get_image_features(pixel_values=pixels).pooler_output
    return torch.nn.functional.normalize(found, dim=-1)


@torch.inference_mode()
def embed_texts(model: Any, processor: Any, texts: Sequence[str]) -> torch.Tensor:
    """Unit text embeddings, float32 [n, d]."""
    tokens = processor.tokenizer(list(texts), padding=True, truncation=True, return_tensors="pt")
    found = model.get_text_features(**tokens).pooler_output
    return torch.nn.functional.normalize(found, dim=-1)


def evaluate_clip(
    model: Any, processor: Any, scenes: Sequence[Scene], seed: int = 0
) -> dict[str, float]:
    """Share of objects whose right phrase of 20 is most similar to their crop.

    Returns:
        ``masked`` and ``box`` (background kept) over all objects, ``masked_unseen`` and
        ``box_unseen`` over those of held-out pairs, where there are any, ``colour`` and
        ``category`` (that half of the chosen phrase is right), ``objects``, ``objects_unseen``.
    """
    rng = np.random.default_rng(seed)
    pairs = SEEN_PAIRS + UNSEEN_PAIRS
    row = {pair: i for i, pair in enumerate(pairs)}
    texts = torch.stack(
        [embed_texts(model, processor, [t.format(*p) for p in pairs]) for t in TEMPLATES]
    )
    right: dict[str, list[bool]] = {"masked": [], "box": [], "colour": [], "category": []}
    held_out: list[bool] = []
    for scene in scenes:
        if not scene.objects:
            continue
        masked = [square_crop(scene.image, o.box, scene.mask(o)) for o in scene.objects]
        plain = [square_crop(scene.image, o.box) for o in scene.objects]
        vectors = embed_crops(model, processor, masked + plain)
        found = vectors.reshape(2, len(masked), -1)
        for at, item in enumerate(scene.objects):
            choices = [item.pair, *distractors(item.pair, rng)]
            said = texts[int(rng.integers(len(TEMPLATES)))][[row[p] for p in choices]]
            best = (found[:, at] @ said.T).argmax(dim=1)
            right["masked"].append(int(best[0]) == 0)
            right["box"].append(int(best[1]) == 0)
            right["colour"].append(choices[int(best[0])][0] == item.colour)
            right["category"].append(choices[int(best[0])][1] == item.category)
            held_out.append(item.pair in UNSEEN_PAIRS)
    scores = {name: float(np.mean(values)) for name, values in right.items()}
    unseen = np.array(held_out)
    if unseen.any():
        scores["masked_unseen"] = float(np.array(right["masked"])[unseen].mean())
        scores["box_unseen"] = float(np.array(right["box"])[unseen].mean())
    return scores | {"objects": float(len(unseen)), "objects_unseen": float(unseen.sum())}
