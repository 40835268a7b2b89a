"""Sets of points: what they share, and which repeat others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
import torch
from numpy.typing import NDArray
from torch import Tensor

from openseg.types import Instances3D, Phrases, Sightings, Superpoints
from openseg.types.errors import ShapeError

ENTRIES = 1 << 21
"""Points of objects that are worked on at once."""

PAIRS = 1 << 24
"""Pairs of objects whose common points are in memory at once, if all of them had some."""


def shared(a: Instances3D, b: Instances3D) -> Any:
    """How many points each object of one set has in common with each of another.

    Args:
        a: k objects.
        b: m objects of the same scene.

    Returns:
        A `scipy.sparse.csr_array` int64 `[k, m]`.
    """
    every = slice(0, len(a))
    return incidence(a, every) @ incidence(b, slice(0, len(b))).T


def blocks(sizes: Tensor) -> list[slice]:
    """Rows of objects in blocks of at most `ENTRIES` points, or of one object.

    Args:
        sizes: int64 `[k]`: points of each.
    """
    found, start, held = [], 0, 0
    for row, size in enumerate(sizes.tolist()):
        if row > start and held + size > ENTRIES:
            found.append(slice(start, row))
            start, held = row, 0
        held += size
    return [*found, slice(start, len(sizes))] if len(sizes) else []


def entries_of(instances: Instances3D, rows: Tensor) -> Tensor:
    """Where the points of some objects are.

    Args:
        instances: k objects.
        rows: int64 `[m]`: which of them, in any order.

    Returns:
        int64: places in `instances.points`, object after object.
    """
    sizes = instances.sizes[rows]
    starts = instances.ends[rows] - sizes.cumsum(0)
    places = starts.repeat_interleave(sizes)
    return places.add_(torch.arange(len(places), device=places.device))


def incidence(instances: Instances3D, rows: slice, kind: type[np.generic] = np.int64) -> Any:
    """Which points objects have.

    Args:
        instances: The objects.
        rows: Which of them, one after the other.
        kind: Type of the ones.

    Returns:
        A `scipy.sparse.csr_array` `[rows, total]` of ones.
    """
    ends = instances.ends.cpu().numpy()
    first = int(ends[rows.start - 1]) if rows.start else 0
    bounds = np.concatenate([[first], ends[rows]])
    points = instances.points[first : int(bounds[-1])].cpu().numpy()
    shape = (len(bounds) - 1, instances.total)
    return scipy.sparse.csr_array((np.ones(len(points), kind), points, bounds - first), shape)


def held(instances: Instances3D, pieces: Superpoints) -> tuple[Tensor, Tensor, Tensor]:
    """How many points of each piece of surface each object has; only what touches is counted.

    Args:
        instances: The objects.
        pieces: The pieces of the same scene.

    Returns:
        int64 `[t]` each: objects, never falling; pieces, rising within an object; points, above 0.
    """
    piece = pieces.piece.cpu().numpy()
    bounds = np.arange(len(piece) + 1)
    part_of = scipy.sparse.csr_array(
        (np.ones(len(piece), np.int64), piece, bounds), (len(piece), pieces.count)
    )
    table = incidence(instances, slice(0, len(instances))) @ part_of
    table.sort_indices()
    owners = np.repeat(np.arange(len(instances)), np.diff(table.indptr))
    columns = (owners, table.indices.astype(np.int64), table.data)
    owner, touched, count = (torch.from_numpy(one).to(instances.points.device) for one in columns)
    return owner, touched, count


def iou(a: Instances3D, b: Instances3D) -> Tensor:
    """Pairwise intersection over union.

    Returns:
        float32 `[k, m]`; 0 where both are empty.
    """
    inter = torch.from_numpy(shared(a, b).toarray()).to(a.points.device)
    union = a.sizes[:, None] + b.sizes[None] - inter
    return inter.float() / union.clamp(min=1).float()


def nms(instances: Instances3D, classes: Tensor, max_iou: float) -> Tensor:
    """Greedy non-maximum suppression by shared points, within each class.

    Args:
        instances: The objects.
        classes: int64 `[k]`; objects of different classes never suppress each other.
        max_iou: An object that overlaps a better one of its class by more is dropped.

    Returns:
        int64 rows kept, best first; of equal scores the earlier row is the better one.
    """
    order = instances.scores.argsort(descending=True, stable=True).tolist()
    sizes, kinds = instances.sizes.cpu().numpy(), classes.cpu().numpy()
    columns = incidence(instances, slice(0, len(instances))).T
    parts = [scipy.sparse.coo_array((0, len(instances)), dtype=np.int64)]
    step = max(1, PAIRS // max(len(instances), 1))
    for start in range(0, len(instances), step):
        rows = slice(start, min(start + step, len(instances)))
        inter = (incidence(instances, rows) @ columns).tocoo()
        row, column = inter.coords
        union = sizes[rows][row] + sizes[column] - inter.data
        # Of millions of pairs of neighbours few repeat each other: only those are kept.
        clash = inter.data > max_iou * union
        cells = (inter.data[clash], (row[clash], column[clash]))
        parts.append(scipy.sparse.coo_array(cells, inter.shape))
    kept = suppressed(scipy.sparse.vstack(parts), sizes, order, kinds, max_iou)
    return torch.tensor(kept, dtype=torch.int64, device=classes.device)


def suppressed(
    inter: Any,
    sizes: NDArray[np.int64],
    order: Sequence[int],
    classes: NDArray[np.int64],
    max_iou: float,
) -> list[int]:
    """What greedy suppression leaves.

    Args:
        inter: A sparse matrix `[k, k]`: sizes of what each two have in common.
        sizes: `[k]`.
        order: All rows, best first.
        classes: `[k]`; rows of different classes never suppress each other.
        max_iou: A row that overlaps a better one of its class by more is dropped.

    Returns:
        The rows kept, best first.
    """
    pairs = inter.tocoo()
    rows, columns = pairs.coords
    union = sizes[rows] + sizes[columns] - pairs.data
    clash = (pairs.data > max_iou * union) & (classes[rows] == classes[columns])
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows[clash], minlength=len(sizes)))])
    others = columns[clash][np.argsort(rows[clash], kind="stable")]
    alive = np.ones(len(sizes), dtype=bool)
    kept = []
    for row in order:
        if alive[row]:
            kept.append(row)
            alive[others[starts[row] : starts[row + 1]]] = False
    return kept


def from_pairs(
    owners: Tensor,
    points: Tensor,
    scores: Tensor,
    total: int,
    phrases: Phrases | None = None,
    evidence: Sightings | None = None,
) -> Instances3D:
    """Objects from pairs of object and point, in any order, with repetitions.

    Args:
        owners: int64 `[t]`: the object of each pair.
        points: int64 `[t]`: its point.
        scores: float32 `[k]`.
        total: Points of the scene.
        phrases: One an object, or None.
        evidence: What made them, or None.
    """
    keys = torch.unique(owners * total + points)
    counts = torch.bincount(keys // max(total, 1), minlength=len(scores))
    return Instances3D(keys % max(total, 1), counts.cumsum(0), scores, total, phrases, evidence)


def joined(first: Instances3D, second: Instances3D) -> Instances3D:
    """The objects of two sets of one scene: those of the first, then those of the second.

    Phrases and evidence are kept where both sets have them; the evidence of both must be of the
    same frames.

    Raises:
        ShapeError: If it is not, or the scenes have different points.
    """
    if first.total != second.total:
        raise ShapeError(f"objects of {first.total} and of {second.total} points cannot be joined")
    phrases, evidence = None, None
    if first.phrases is not None and second.phrases is not None:
        phrases = Phrases(first.phrases.items + second.phrases.items)
    one, other = first.evidence, second.evidence
    if one is not None and other is not None:
        if one.names != other.names:
            raise ShapeError("the evidence of two sets of objects is of different frames")
        evidence = Sightings(
            torch.cat([one.instances, other.instances + len(first)]),
            torch.cat([one.views, other.views]),
            torch.cat([one.boxes, other.boxes]),
            torch.cat([one.regions, other.regions]),
            torch.cat([one.weights, other.weights]),
            one.names,
        )
    ends = torch.cat([first.ends, second.ends + len(first.points)])
    points = torch.cat([first.points, second.points])
    scores = torch.cat([first.scores, second.scores])
    return Instances3D(points, ends, scores, first.total, phrases, evidence)


def carried(instances: Instances3D, near: Tensor, total: int) -> Instances3D:
    """Objects of one cloud as points of another.

    Args:
        instances: The objects.
        near: int64 `[m, c]`: for each point of the other cloud, points of this one; -1 for none.
        total: m, the points of the other cloud.

    Returns:
        The same objects, row by row; a point has those that most of its points have.
    """
    # Sorted by their point of this cloud, the objects of a point are a range of entries.
    order = instances.points.argsort(stable=True)
    counts = torch.bincount(instances.points, minlength=instances.total)
    starts = counts.cumsum(0) - counts
    owners = instances.owners[order]
    keys = [owners[:0]]
    for begin in range(0, total, ENTRIES):
        part = near[begin : begin + ENTRIES]
        asked, columns = (part >= 0).nonzero(as_tuple=True)
        source = part[asked, columns]
        many = counts[source]
        target = (asked + begin).repeat_interleave(many)
        first = many.cumsum(0) - many
        within = torch.arange(len(target), device=near.device) - first.repeat_interleave(many)
        own = owners[starts[source].repeat_interleave(many) + within]
        found, votes = torch.unique(own * total + target, return_counts=True)
        heard = (part >= 0).sum(dim=1)
        keys.append(found[2 * votes > heard[found % total - begin]])
    pairs = torch.cat(keys).sort().values
    sizes = torch.bincount(pairs // max(total, 1), minlength=len(instances))
    return Instances3D(pairs % max(total, 1), sizes.cumsum(0), instances.scores, total)


def of_pieces(
    groups: Sequence[Sequence[int]], pieces: Superpoints, scores: Sequence[float]
) -> Instances3D:
    """Objects from groups of superpoints.

    Args:
        groups: The pieces of each object, none twice.
        pieces: The superpoints.
        scores: One an object.
    """
    device = pieces.piece.device
    order = pieces.piece.argsort(stable=True)
    ends = torch.bincount(pieces.piece, minlength=pieces.count).cumsum(0).tolist()
    starts = [0, *ends[:-1]]
    found = [order[:0]]
    for group in groups:
        parts = [order[starts[one] : ends[one]] for one in group]
        found.append(torch.cat([order[:0], *parts]).sort().values)
    sizes = torch.tensor([len(some) for some in found[1:]], dtype=torch.int64, device=device)
    values = torch.tensor(list(scores), dtype=torch.float32, device=device)
    return Instances3D(torch.cat(found), sizes.cumsum(0), values, len(pieces))
