"""Views vote on what an object is: label maps of boxes, and what an object's points meet in them.

Boudjoghra et al., "Open-YOLO 3D", ICLR 2025, arXiv:2406.02548: low-granularity label maps, views
by visibility, multi-view prompt distribution. Memory is a label map and a few numbers a point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from openseg.ops import boxes as box_ops
from openseg.ops.scenes.looking import Look
from openseg.ops.scenes.sights import Eye
from openseg.types import Instances3D, InstanceViews, ViewRegions

UNLABELLED = -1

VIEWS = 16
"""Views whose boxes are compared at once."""


class ViewLabels(NamedTuple):
    """Boxes of one view with their classes.

    Attributes:
        boxes: float32 `[m, 4]` xyxy pixels.
        classes: int64 `[m]`.
    """

    boxes: Tensor
    classes: Tensor


class Votes(NamedTuple):
    """What the views say of each object.

    Attributes:
        counts: int64 `[k, c]`: points of the object that fell into each class, over its views.
        seen: int64 `[k]`: points that were looked at, labelled or not, over its views.
        fit: float32 `[k]`: mean over its views of the best overlap of a box with the box around
            the object's visible points; views without any overlap do not count.
    """

    counts: Tensor
    seen: Tensor
    fit: Tensor


def by_view(regions: ViewRegions) -> Callable[[int], ViewLabels]:
    """The boxes and classes of each view; regions without phrases have no class and no box."""
    named = regions.phrases.items if regions.phrases is not None else ()
    classes = regions.views.new_tensor([phrase.class_id for phrase in named])

    def labels(view: int) -> ViewLabels:
        rows = regions.of_view(view)
        part = slice(rows.start, rows.stop)
        return ViewLabels(regions.boxes[part][: len(classes)], classes[part])

    return labels


def label_map(labels: ViewLabels, size: tuple[int, int]) -> Tensor:
    """Paints boxes as areas of their class, small boxes over large ones.

    Args:
        labels: The boxes; corners are rounded down, as published.
        size: Height and width of the picture.

    Returns:
        int16 `[h, w]`; -1 where no box is.
    """
    # In NumPy, as a box is too little work for a call of torch.
    painted = np.full(size, UNLABELLED, dtype=np.int16)
    corners = labels.boxes.cpu().numpy().astype(np.int64)
    half_girth = (corners[:, 2:] - corners[:, :2]).sum(axis=1)
    order = (-half_girth).argsort(kind="stable")
    edges, classes = corners.clip(0)[order].tolist(), labels.classes.cpu().numpy()[order].tolist()
    for (left, top, right, bottom), label in zip(edges, classes, strict=True):
        painted[top:bottom, left:right] = label
    return torch.from_numpy(painted).to(labels.boxes.device)


def best_views(views: InstanceViews, top: int) -> Tensor:
    """The views that show most of each object.

    Args:
        views: How much each view shows.
        top: The most views an object has.

    Returns:
        bool `[k, f]`; a view that shows nothing is never among them, and of views that show the
        same the earlier ones are.
    """
    order = views.visible.argsort(dim=1, descending=True, stable=True)[:, :top]
    chosen = torch.zeros_like(views.visible, dtype=torch.bool)
    chosen.scatter_(1, order, True)
    return chosen & (views.visible > 0)


def vote(
    looks: Iterable[Look],
    instances: Instances3D,
    chosen: Tensor,
    labels: Callable[[int], ViewLabels],
    classes: int,
    boxes: Tensor,
    min_points: int = 10,
) -> Votes:
    """Collects what the chosen views say of each object.

    Args:
        looks: Looks from all chosen views.
        instances: The objects.
        chosen: bool `[k, f]`: the views that are asked about each object.
        labels: Gives the boxes of a view.
        classes: How many classes there are.
        boxes: float32 `[k, f, 4]`: boxes around each object's visible points.
        min_points: Views that show no more points than this say nothing of how a box fits.
    """
    k, columns, device = len(instances), classes + 1, instances.points.device
    # The first column is for points outside all boxes.
    counts = np.zeros(k * columns, dtype=np.int64)
    rows = np.arange(k) * columns
    counting, given = torch.zeros_like(chosen), {}
    eye = Eye(instances)
    for one in looks:
        sight = eye(one, chosen[:, one.view])
        here = labels(one.view)
        cells = rows.repeat(sight.counts.cpu().numpy())
        if len(here.boxes):
            painted = label_map(here, one.size).cpu().numpy().reshape(-1)
            cells += painted.take(sight.pixels.cpu().numpy())
            cells -= UNLABELLED
            counting[:, one.view] = sight.counts > min_points
            given[one.view] = here.boxes.long().float()
        counts += np.bincount(cells, minlength=len(counts))
    table = torch.from_numpy(counts.reshape(k, columns)).to(device)
    return Votes(table[:, 1:], table.sum(dim=1), _mean_fits(boxes, counting, given))


def _mean_fits(boxes: Tensor, counting: Tensor, given: dict[int, Tensor]) -> Tensor:
    """The mean over views of the best overlap of an object's box with a given one, if there is any.

    Args:
        boxes: float32 `[k, f, 4]`: a box for each object in each view.
        counting: bool `[k, f]`: the views that count.
        given: Boxes by view, float32 `[m, 4]`.

    Returns:
        float32 `[k]`; 0 where no view has any.
    """
    best = torch.zeros(counting.shape, device=boxes.device)
    views = sorted(given)
    for start in range(0, len(views), VIEWS):
        some = views[start : start + VIEWS]
        # Filled up with empty boxes, which overlap nothing.
        others = pad_sequence([given[view] for view in some], batch_first=True)
        overlap = box_ops.iou(boxes[:, some].transpose(0, 1), others).amax(dim=2)
        best[:, some] = overlap.T * counting[:, some]
    return best.sum(dim=1) / (best > 0).sum(dim=1).clamp(min=1)


def box_fits(
    views: InstanceViews,
    labels: Callable[[int], ViewLabels],
    scores: Callable[[int], Tensor],
    classes: int,
    top: int,
    power: float,
) -> Tensor:
    """How well boxes of each class fit around each object, over the views that show it.

    A view's say is the share of the object it shows, against the best view. In it a class has its
    best box: score times overlap with the box around the object's visible points, to a power.

    Args:
        views: How much of each object each view shows, and where.
        labels: Gives the boxes of a view.
        scores: Gives their scores, float32 `[m]`.
        classes: How many classes there are.
        top: The most views asked about an object.
        power: How much a bad fit is held against a box.

    Returns:
        float32 `[k, c]`, at least 0 and at most the highest score.
    """
    k, count = views.visible.shape
    total = views.boxes.new_zeros(k, classes)
    most = views.visible.amax(dim=1) if count else views.visible.sum(dim=1)
    say = views.visible * best_views(views, top) / most.clamp(min=1)[:, None]
    for view in range(count):
        here = labels(view)
        if len(here.boxes):
            overlap = box_ops.iou(views.boxes[:, view], here.boxes) ** power
            index = here.classes.expand(k, -1)
            best = torch.zeros_like(total)
            best.scatter_reduce_(1, index, overlap * scores(view), "amax")
            total += best * say[:, view, None]
    return total / say.sum(dim=1, keepdim=True).clamp(min=1e-6)
