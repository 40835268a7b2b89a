"""Heat maps as places: the warmest region, random points in it, the warmest cells in groups."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from scipy import ndimage
from torch import Tensor
from torch.nn.functional import interpolate

_NEIGHBOURS = torch.ones(3, 3).numpy()
"""Pixels that touch, at a corner too, are connected."""


def resized(values: Tensor, size: tuple[int, int]) -> Tensor:
    """Brings maps to another grid over the same image.

    Args:
        values: float32 `[n, gh, gw]`.
        size: Rows and columns.

    Returns:
        float32 `[n, *size]`, bilinear between the centres of cells.
    """
    if not len(values):
        return values.new_zeros(0, *size)
    return interpolate(values[None], size, mode="bilinear", align_corners=False)[0]


def normalized(heat: Tensor) -> Tensor:
    """A map stretched to 0 at its lowest and 1 at its highest value.

    Args:
        heat: float32 `[h, w]`.

    Returns:
        The same shape; zeros if all values are equal.
    """
    low, high = heat.min(), heat.max()
    return (heat - low) / (high - low).clamp(min=torch.finfo(heat.dtype).tiny)


def contrast(heat: Tensor) -> float:
    """How many times its mean a map's highest value is.

    Args:
        heat: float32 `[h, w]`, not negative.

    Returns:
        1 for a map of equal values, 0 for one of zeros.
    """
    mean = float(heat.double().mean())  # exact where all values are equal
    return float(heat.max()) / mean if mean > 0 else 0.0


def largest_component(mask: Tensor) -> Tensor:
    """The largest connected region of a mask; of equal ones the first from the top left.

    Args:
        mask: bool `[h, w]`.

    Returns:
        bool `[h, w]`; empty if the mask is.
    """
    labels, count = ndimage.label(mask.cpu().numpy(), structure=_NEIGHBOURS)
    if not count:
        return torch.zeros_like(mask)
    found = torch.from_numpy(labels).to(mask.device)
    sizes = found.flatten().bincount()
    sizes[0] = 0
    return found == sizes.argmax()


def warm_region(
    heat: Tensor, size: tuple[int, int], threshold: float, min_contrast: float
) -> Tensor | None:
    """The largest connected region where a map is above a share of its range.

    Args:
        heat: float32 `[gh, gw]`.
        size: Height and width of the image that the map covers.
        threshold: In 0..1, of the map brought to the image's size and stretched to 0..1.
        min_contrast: A map whose `contrast` is not above it has no peak; 1 or more.

    Returns:
        bool `size`, true somewhere; None for a map without a peak.
    """
    if not contrast(heat) > min_contrast:
        return None
    region = largest_component(normalized(resized(heat[None], size)[0]) > threshold)
    return region if region.any() else None  # an image of one pixel


def mean_over(heat: Tensor, region: Tensor) -> Tensor:
    """The mean of a map over a region of the image.

    Args:
        heat: float32 `[gh, gw]`.
        region: bool `[h, w]`, true somewhere.

    Returns:
        float32 `[]`.
    """
    height, width = region.shape
    return resized(heat[None], (height, width))[0][region].mean()


def random_points(mask: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Centres of different pixels of a mask.

    Args:
        mask: bool `[h, w]`.
        count: How many at most.
        random: On the CPU.

    Returns:
        float32 `[k, 2]` xy in pixels of the mask; fewer than `count` if the mask has no more.
    """
    places = mask.cpu().nonzero()
    chosen = places[torch.randperm(len(places), generator=random)[:count]]
    return (chosen.flip(1).float() + 0.5).to(mask.device)


def labelled(
    points: Sequence[tuple[Tensor, Tensor]], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Rows of points inside and outside of regions, padded to one length.

    Args:
        points: For each row float32 `[i, 2]` inside and `[o, 2]` outside.
        device: Where the columns shall lie.

    Returns:
        float32 `[n, k, 2]` and int64 `[n, k]`: 1 inside, 0 outside, -1 padding; `k` is 1 or more.
    """
    most = max((len(inside) + len(outside) for inside, outside in points), default=1)
    xy = torch.zeros(len(points), max(most, 1), 2, device=device)
    labels = torch.full(xy.shape[:2], -1, dtype=torch.int64, device=device)
    for row, (inside, outside) in enumerate(points):
        end = len(inside) + len(outside)
        xy[row, :end] = torch.cat([inside, outside])
        labels[row, :end] = 0
        labels[row, : len(inside)] = 1
    return xy, labels


def warmest_points(heat: Tensor, size: tuple[int, int], count: int) -> Tensor:
    """Centres of the cells with the highest values.

    Args:
        heat: float32 `[gh, gw]`.
        size: Height and width of the image that the map covers.
        count: How many at most; all cells if there are no more.

    Returns:
        float32 `[k, 2]` xy in pixels of the image, warmest first; of equal cells the earlier one.
    """
    rows, columns = heat.shape
    order = heat.flatten().argsort(descending=True, stable=True)[:count]
    cells = torch.stack([order % columns, order // columns], dim=1).float() + 0.5
    return cells * cells.new_tensor([size[1] / columns, size[0] / rows])


def cluster_centres(points: Tensor, count: int, steps: int = 20) -> Tensor:
    """Middles of groups of points: k-means, begun at points that are far from each other.

    Args:
        points: float32 `[n, 2]`; the first one begins.
        count: How many groups.
        steps: The most rounds.

    Returns:
        float32 `[min(n, count), 2]`.
    """
    count = min(count, len(points))
    centres = points[: min(count, 1)]
    for _ in range(1, count):
        farthest = torch.cdist(points, centres).amin(dim=1).argmax()
        centres = torch.cat([centres, points[farthest][None]])
    for _ in range(steps if count else 0):
        nearest = torch.cdist(points, centres).argmin(dim=1)
        member = torch.nn.functional.one_hot(nearest, count).T.to(points)
        sizes = member.sum(dim=1, keepdim=True)
        moved = torch.where(sizes > 0, member @ points / sizes.clamp(min=1), centres)
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres
