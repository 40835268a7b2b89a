"""From mask queries to regions: Jain et al. (OneFormer), CVPR 2023, arXiv:2211.06220.

A query is a mask on a coarse grid and a chance for each class. The three functions are the three
tasks' inference of the authors' program, which has them from Mask2Former, arXiv:2112.01527.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from openseg.ops.label_maps import NONE, labels_from_maps, masks_of_labels

_QUERIES_PER_STEP = 16
"""Masks brought to the image's size at once, for memory."""


class Labelled(NamedTuple):
    """Regions of one image.

    Attributes:
        masks: bool `[n, h, w]`, none of them empty.
        labels: int64 `[n]`, the class of each.
        scores: float32 `[n]` in [0, 1].
    """

    masks: Tensor
    labels: Tensor
    scores: Tensor


def masks_of(logits: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """The masks of all queries that have one; they may overlap.

    Args:
        logits: float32 `[q, gh, gw]`; the grid covers the whole image.
        size: Height and width of the image.

    Returns:
        Which queries have a mask, int64 `[n]`; their masks, bool `[n, h, w]`; the mean chance of a
        mask's pixels to belong to it, float32 `[n]`.
    """
    rows, masks, sureness = [], [], []
    for start, large in _at_size(logits, size):
        mask = large > 0
        area = mask.flatten(1).sum(dim=1)
        there = area > 0
        rows.append(there.nonzero()[:, 0] + start)
        masks.append(mask[there])
        sureness.append((large.sigmoid() * mask).flatten(1).sum(dim=1)[there] / area[there])
    if not rows:
        nothing = torch.zeros(0, *size, dtype=torch.bool, device=logits.device)
        return torch.zeros(0, dtype=torch.int64, device=logits.device), nothing, logits[:, 0, 0]
    return torch.cat(rows), torch.cat(masks), torch.cat(sureness)


def semantic(chances: Tensor, logits: Tensor, size: tuple[int, int]) -> Labelled:
    """One region a class: a class's value at a pixel adds up over queries, the highest wins.

    Args:
        chances: float32 `[q, k + 1]`, the last of them no object.
        logits: float32 `[q, gh, gw]`.
        size: Height and width of the image.

    Returns:
        Disjoint regions by class; a score is the mean value over the region, at most 1.
    """
    maps = torch.einsum("qc,qhw->chw", chances[:, :-1], logits.sigmoid())
    labels, values = labels_from_maps([maps], size)
    masks, scores, classes = masks_of_labels(labels, values)
    return Labelled(masks, torch.tensor(classes, device=masks.device), scores.clamp(max=1))


def instances(
    chances: Tensor, logits: Tensor, size: tuple[int, int], things: Tensor, min_score: float
) -> Labelled:
    """Things one by one; the pairs of query and class that are most likely, as many as queries.

    Args:
        chances: float32 `[q, k + 1]`, the last of them no object.
        logits: float32 `[q, gh, gw]`.
        size: Height and width of the image.
        things: bool `[k]`: classes whose members are counted.
        min_score: Pairs that are not more likely are dropped.

    Returns:
        Regions, best first, which may overlap; a score is the class's chance times the mean chance
        of the mask's pixels.
    """
    known = chances.shape[1] - 1
    best, pairs = chances[:, :-1].flatten().topk(len(chances))
    keep = (best > min_score) & things[pairs % known]
    best, pairs = best[keep], pairs[keep]
    rows, masks, sureness = masks_of(logits[pairs // known], size)
    scores, order = (best[rows] * sureness).sort(descending=True, stable=True)
    return Labelled(masks[order], (pairs[rows] % known)[order], scores)


def panoptic(
    chances: Tensor,
    logits: Tensor,
    size: tuple[int, int],
    things: Tensor,
    min_score: float,
    min_left: float,
) -> Labelled:
    """Disjoint segments: things one by one, all stuff of a class together.

    Args:
        chances: float32 `[q, k + 1]`, the last of them no object.
        logits: float32 `[q, gh, gw]`.
        size: Height and width of the image.
        things: bool `[k]`: classes whose members are counted.
        min_score: Queries whose best class is not more likely are dropped.
        min_left: Share of its pixels that a query must win against the others.

    Returns:
        Segments in the order of their queries; a score is the class's chance, of stuff in several
        pieces the highest.
    """
    known = chances.shape[1] - 1
    scores, labels = chances.max(dim=1)
    keep = (labels < known) & (scores > min_score)
    scores, labels = scores[keep], labels[keep]
    inside, winner = _contest(logits[keep], scores, size)
    own = inside.flatten(1).sum(dim=1)
    won = torch.bincount(winner[winner != NONE], minlength=len(own))
    masks: list[Tensor] = []
    kept: list[int] = []
    stuff: dict[int, int] = {}
    for row in ((own > 0) & (won >= min_left * own)).nonzero()[:, 0].tolist():
        mask, label = inside[row] & (winner == row), int(labels[row])
        if not mask.any():
            continue
        if label in stuff:
            at = stuff[label]
            masks[at] = masks[at] | mask
            kept[at] = max(kept[at], row, key=lambda one: float(scores[one]))
            continue
        if not things[label]:
            stuff[label] = len(masks)
        masks.append(mask)
        kept.append(row)
    found = torch.stack(masks) if masks else inside[:0]
    return Labelled(found, labels[kept], scores[kept])


def _contest(logits: Tensor, scores: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Each query's own mask, bool `[q, h, w]`, and the strongest query a pixel, int64 `[h, w]`."""
    inside = torch.zeros(len(logits), *size, dtype=torch.bool, device=logits.device)
    best = torch.zeros(size, device=logits.device)
    winner = torch.full(size, NONE, device=logits.device)
    for start, large in _at_size(logits, size):
        chance = large.sigmoid()
        end = start + len(chance)
        inside[start:end] = chance >= 0.5
        value, row = (chance * scores[start:end, None, None]).max(dim=0)
        winner = torch.where(value > best, row + start, winner)
        best = torch.maximum(best, value)
    return inside, winner


def _at_size(logits: Tensor, size: tuple[int, int]) -> Iterator[tuple[int, Tensor]]:
    """Mask logits at an image's size, some queries at a time: the first one's place, and they."""
    for start in range(0, len(logits), _QUERIES_PER_STEP):
        some = logits[None, start : start + _QUERIES_PER_STEP]
        yield start, interpolate(some, size=size, mode="bilinear", align_corners=False)[0]
