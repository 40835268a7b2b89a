"""A promptable segmenter: masks from boxes, from a point in the middle, and of everything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from openseg import ops
from openseg.mini.measures.score import Score, image_of
from openseg.mini.recipes.regions import part_regions
from openseg.mini.recipes.sam.prompts import centre_point
from openseg.mini.recipes.stills import Still
from openseg.models.protocols import Prompts, PromptSegmenter
from openseg.stages.propose.automatic_masks import AutomaticMasks
from openseg.types import Image

AUTOMATIC_STILLS = 40
MOST_MASKS = 100
GRID = AutomaticMasks.Config.model_validate(
    {
        "points_per_side": 16,
        "min_quality": 0.3,
        "min_stability": 0.6,
        "stability_offset": 0.3,
        "min_area": 0.0005,
    }
)
"""Settings of the automatic masks; the mini models rate with care and have soft outlines."""

_THRESHOLDS = torch.arange(0.5, 0.96, 0.05)


def segmenter_scores(segmenter: PromptSegmenter, stills: Sequence[Still]) -> dict[str, Score]:
    """Mean IoU from boxes and points, and average recall of automatic masks.

    Args:
        segmenter: The segmenter.
        stills: What it is asked about; automatic masks are made of the first 40.

    Returns:
        `box` over things, from the box of the visible pixels, one mask; `point`, best of three
        masks from the pixel deepest inside of the thing; `automatic`, recall averaged over IoU
        0.5 to 0.95 among at most 100 masks; `part box` and `part point` over parts, where the
        latter takes the smallest of the three masks; `automatic parts`.
    """
    values: dict[str, list[float]] = {
        name: []
        for name in ("box", "point", "automatic", "part box", "part point", "automatic parts")
    }
    everything = AutomaticMasks(GRID, segmenter)
    for number, still in enumerate(stills):
        image = image_of(still)
        parts = part_regions(still)
        kinds = {
            "": np.stack([still.mask(seen) for seen in still.things]),
            "part ": np.array([still.mask(one.seen, one.part) for one in parts], dtype=bool),
        }
        for kind, masks in kinds.items():
            if len(masks):
                truth = torch.from_numpy(masks).to(image.pixels.device)
                values[kind + "box"] += _from_boxes(segmenter, image, truth).tolist()
                points = _from_points(segmenter, image, truth)
                best = points.max(dim=1).values if not kind else points[:, 0]
                values[kind + "point"] += best.tolist()
        if number < AUTOMATIC_STILLS:
            [proposed] = everything.run([image]).masks
            found = proposed.data[:MOST_MASKS].cpu()
            for name, masks in (("automatic", kinds[""]), ("automatic parts", kinds["part "])):
                if len(masks):
                    values[name] += _recall(ops.masks.iou(torch.from_numpy(masks), found)).tolist()
    return {name: Score.of(numbers) for name, numbers in values.items()}


def _from_boxes(segmenter: PromptSegmenter, image: Image, truth: Tensor) -> Tensor:
    """IoU of the single mask from each mask's own box, [n]."""
    prompts = Prompts(boxes=ops.masks.boxes_from_masks(truth))
    [found] = segmenter.segment([image], [prompts], candidates=False)
    masks = segmenter.pixels(found.logits[:, 0], image.size) > 0
    return _pairwise(masks, truth)


def _from_points(segmenter: PromptSegmenter, image: Image, truth: Tensor) -> Tensor:
    """IoU of each of the three masks from the point deepest inside, from small to large [n, 3]."""
    points = torch.from_numpy(np.stack([centre_point(mask) for mask in truth.cpu().numpy()]))
    labels = torch.ones(len(points), 1, dtype=torch.int64, device=truth.device)
    prompts = Prompts(points=points[:, None].to(truth.device), point_labels=labels)
    [found] = segmenter.segment([image], [prompts], candidates=True)
    masks = torch.stack(
        [segmenter.pixels(found.logits[:, k], image.size) > 0 for k in range(3)], dim=1
    )
    size = masks.flatten(2).sum(-1).argsort(dim=1)
    masks = masks.gather(1, size[..., None, None].expand_as(masks))
    return _pairwise(masks, truth[:, None])


def _pairwise(found: Tensor, truth: Tensor) -> Tensor:
    """IoU over the last two axes, which broadcast."""
    both = (found & truth).sum(dim=(-2, -1))
    return both / (found | truth).sum(dim=(-2, -1)).clamp(min=1)


def _recall(overlap: Tensor) -> Tensor:
    """Share of the thresholds that each truth's best mask reaches, [n] from IoU [n, m]."""
    if overlap.shape[1] == 0:
        return torch.zeros(len(overlap))
    best = overlap.max(dim=1).values
    return (best[:, None] >= _THRESHOLDS).float().mean(dim=1)
