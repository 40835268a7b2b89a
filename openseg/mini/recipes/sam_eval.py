"""Score a segmenter on held-out scenes through its own processor, at full resolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from openseg.mini.recipes.data import Scene
from openseg.mini.recipes.sam_prompts import MIN_PIXELS, box_of, centre_point


def intersection_over_union(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> NDArray[np.float64]:
    """IoU over the last two axes, which broadcast; 0 where both masks are empty."""
    both = (a & b).sum(axis=(-2, -1))
    either = (a | b).sum(axis=(-2, -1))
    return np.asarray(both / np.maximum(either, 1), dtype=np.float64)


@torch.inference_mode()
def evaluate_sam(model: Any, processor: Any, scenes: Sequence[Scene]) -> dict[str, float]:
    """Mean IoU over all objects of the scenes, for boxes and for one centre point.

    Returns:
        ``box_iou`` (the one-mask output), ``box_iou_ranked`` (best of three by predicted IoU),
        ``point_iou_best`` (best of three by the truth), ``point_iou_ranked``, ``iou_correlation``
        (Pearson, predicted against true IoU over all point masks) and ``objects``.
    """
    rows: dict[str, list[NDArray[np.float64]]] = {}
    for scene in scenes:
        masks = [scene.mask(o) for o in scene.objects]
        truth = np.array([m for m in masks if m.sum() >= MIN_PIXELS])
        if len(truth) == 0:
            continue
        boxes = [box_of(m).tolist() for m in truth]
        points = [[centre_point(m).tolist()] for m in truth]
        asked = {
            "box": ({"input_boxes": [boxes]}, False),
            "boxes": ({"input_boxes": [boxes]}, True),
            "point": ({"input_points": [points], "input_labels": [[[1]] * len(truth)]}, True),
        }
        inputs = processor(images=scene.image, return_tensors="pt")
        embeddings = model.get_image_embeddings(inputs["pixel_values"])
        for name, (prompt, several) in asked.items():
            given = processor(images=scene.image, return_tensors="pt", **prompt)
            sizes = given.pop("original_sizes"), given.pop("reshaped_input_sizes")
            given.pop("pixel_values")
            out = model(image_embeddings=embeddings, multimask_output=several, **given)
            found = processor.image_processor.post_process_masks(out.pred_masks, *sizes)[0]
            iou = intersection_over_union(found.numpy(), truth[:, None])
            rows.setdefault(name, []).append(iou)
            rows.setdefault(name + "_said", []).append(out.iou_scores[0].double().numpy())
    values = {name: np.concatenate(parts) for name, parts in rows.items()}
    return {
        "box_iou": float(values["box"].mean()),
        "box_iou_ranked": _ranked(values["boxes"], values["boxes_said"]),
        "point_iou_best": float(values["point"].max(axis=1).mean()),
        "point_iou_ranked": _ranked(values["point"], values["point_said"]),
        "iou_correlation": _correlation(values["point"].ravel(), values["point_said"].ravel()),
        "objects": float(len(values["box"])),
    }


def _ranked(iou: NDArray[np.float64], said: NDArray[np.float64]) -> float:
    return float(iou[np.arange(len(iou)), said.argmax(axis=1)].mean())


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if a.std() == 0.0 or b.std() == 0.0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
