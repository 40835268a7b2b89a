"""The one table of edge types the oracle knows: how truth takes the place of each.

A type that is not here is left to the stages that make it. To teach the oracle a type, add a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from openseg.types import (
    Boxes,
    Instances3D,
    InstanceViews,
    Masks,
    Phrases,
    Points,
    RegionEmbeddings,
    Rows,
    Scores,
    Similarity,
    TextQuery,
)
from openseg_evals.oracle import overlap
from openseg_evals.oracle.truth import Truth

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True)
class Column(Generic[T]):
    """A type with a row a region, and what the oracle can do with it.

    Attributes:
        take: The rows of an index, int64 `[m]`.
        true: The truth as such a value, a row a true region; None if truth does not say it.
        overlap: Overlap of each region with each true one, float32 `[n, t]`; for types that say
            where a region is.
        ranked: For types that rank regions, the ranking by overlap `[n, t]`, given the classes of
            the true regions, int64 `[t]`, and of the phrases that the ranking has columns for.
        corrected: For types that a stage makes of prompts, the value with row `i` replaced by true
            region `index[i]`; -1 leaves it as it is.
        named: For types that hold scores and phrases beside the regions, the value with others.
    """

    take: Callable[[T, Tensor], T]
    true: Callable[[Truth, TextQuery], T] | None = None
    overlap: Callable[[T, Truth], Tensor] | None = None
    ranked: Callable[[Tensor, Tensor, tuple[int, ...]], T] | None = None
    corrected: Callable[[T, Truth, Tensor], T] | None = None
    named: Callable[[T, Scores, Phrases], T] | None = None


def _centres(truth: Truth, _query: TextQuery) -> Points:
    """A point deep inside each true region."""
    import torch
    from scipy.ndimage import distance_transform_edt

    width = truth.masks.shape[2]
    xy = torch.empty(len(truth), 1, 2)
    for place, mask in zip(xy, truth.masks.numpy(force=True), strict=True):
        y, x = divmod(int(distance_transform_edt(mask).argmax()), width)
        place[0] = torch.tensor([x + 0.5, y + 0.5])
    labels = torch.ones(len(truth), 1, dtype=torch.int64)
    return Points(xy.to(truth.masks.device), labels.to(truth.masks.device))


def _words(truth: Truth, query: TextQuery) -> Phrases:
    return Phrases(tuple(query.phrases[phrase] for phrase in truth.phrases.tolist()))


def _best(values: Tensor, _classes: Tensor, _asked: tuple[int, ...]) -> Scores:
    """A region is worth its overlap with the true region it fits best."""
    import torch

    nothing = values.new_zeros(len(values), 1)
    return Scores(torch.cat([values, nothing], dim=1).amax(dim=1))


def _best_by_phrase(values: Tensor, classes: Tensor, asked: tuple[int, ...]) -> Similarity:
    import torch

    columns = [_best(values[:, classes == one], classes, asked).values for one in asked]
    return Similarity(torch.stack(columns, dim=1))


def _certain(truth: Truth, query: TextQuery) -> Similarity:
    import torch

    itself = torch.eye(len(truth), device=truth.masks.device)
    asked = tuple(phrase.class_id for phrase in query.phrases)
    return _best_by_phrase(itself, truth.classes(query), asked)


def _corrected(masks: Masks, truth: Truth, index: Tensor) -> Masks:
    data = masks.data.clone()
    known = index >= 0
    data[known] = truth.masks[index[known]]
    return Masks(data)


def _objects(truth: Truth, query: TextQuery) -> Instances3D:
    """The true objects; without words where the method asks none."""
    words = _words(truth, query) if query.phrases else None
    return Instances3D.from_masks(
        truth.masks[:, 0], truth.masks.new_ones(len(truth)).float(), words
    )


def _named(objects: Instances3D, scores: Scores, words: Phrases) -> Instances3D:
    return replace(objects, scores=scores.values, phrases=words)


COLUMNS: Mapping[type, Column[Any]] = {
    Instances3D: Column(
        take=lambda objects, rows: objects.take(rows.tolist()),
        true=_objects,
        overlap=overlap.of_instances,
        named=_named,
    ),
    InstanceViews: Column(
        take=lambda views, rows: InstanceViews(views.visible[rows], views.boxes[rows]),
    ),
    Masks: Column(
        take=lambda masks, rows: Masks(masks.data[rows]),
        true=lambda truth, _: Masks(truth.masks),
        overlap=overlap.of_masks,
        corrected=_corrected,
    ),
    Boxes: Column(
        take=lambda boxes, rows: Boxes(boxes.xyxy[rows]),
        true=lambda truth, _: Boxes(truth.boxes),
        overlap=overlap.of_boxes,
    ),
    Points: Column(
        take=lambda points, rows: Points(points.xy[rows], points.labels[rows]),
        true=_centres,
        overlap=overlap.of_points,
    ),
    Scores: Column(
        take=lambda scores, rows: Scores(scores.values[rows]),
        true=lambda truth, _: Scores(truth.masks.new_ones(len(truth)).float()),
        ranked=_best,
    ),
    Similarity: Column(
        take=lambda fit, rows: Similarity(fit.values[rows]),
        true=_certain,
        ranked=_best_by_phrase,
    ),
    Phrases: Column(take=lambda words, rows: words.take(rows.tolist()), true=_words),
    RegionEmbeddings: Column(take=lambda regions, rows: RegionEmbeddings(regions.vectors[rows])),
    Rows: Column(
        take=lambda origin, rows: Rows(origin.index[rows]),
        true=lambda truth, _: Rows(truth.phrases.new_tensor(range(len(truth)))),
    ),
}
"""By type; of the types that say where a region is, the one that says it best comes first."""
