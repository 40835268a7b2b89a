"""Gaussians of a scene drawn into views: a pixel shows a weighted sum of what they carry.

Kerbl et al., "3D Gaussian Splatting", SIGGRAPH 2023, arXiv:2308.04079: projected Gaussians, sorted
by depth, alpha compositing; constants as in gsplat, arXiv:2409.06765. Where the Gaussians stand is
fixed here, so a view's weights are reckoned once and a render is one sparse matrix product.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple, Protocol

import torch
from scipy.spatial import cKDTree
from torch import Tensor

from openseg.ops.geometry import invert_pose
from openseg.types import Camera, Instances3D

NEAR = 0.01
"""Gaussians nearer to the camera are not drawn, metres."""

BLUR = 0.3
"""Added to the variance of a projected Gaussian, square pixels."""

MOST_OPAQUE = 0.999
LEAST_OPAQUE = 1 / 255
LEAST_LIGHT = 1e-4
"""A pixel is finished before the Gaussian that would let less light through to what is behind."""

MARGIN = 0.3
"""How far outside the picture, in half pictures, projections are still told apart."""

NEIGHBOURS = 3
BLOCK = 1 << 18
AT_ONCE = 32
"""Objects that are drawn together."""

PAIRS = 1 << 19
"""Pairs of pixel and Gaussian that are looked at together: about 100 MB."""


class Gaussians(NamedTuple):
    """Round Gaussians.

    Attributes:
        centres: floating point `[n, 3]` in the world's metres.
        scales: `[n]`: standard deviations, metres.
        opacities: `[n]` from 0 to 1: how much of the light each holds back at its centre.
    """

    centres: Tensor
    scales: Tensor
    opacities: Tensor


class View(Protocol):
    """A camera's view of Gaussians that stay where they are."""

    def render(self, features: Tensor) -> Tensor:
        """Draws what the Gaussians carry; gradients reach the features.

        Args:
            features: `[n, c]`, of the Gaussians' floating point type.

        Returns:
            `[m, c]`: a row for each pixel of the view, black where no Gaussian is.
        """
        ...


class Splatter(Protocol):
    """Whatever draws Gaussians."""

    def view(self, gaussians: Gaussians, camera: Camera, pixels: Tensor | None = None) -> View:
        """Looks at Gaussians.

        Args:
            gaussians: The Gaussians.
            camera: The camera.
            pixels: int64 `[m]`, row * width + column, none twice: the pixels that are drawn; all
                of the picture in order if None.
        """
        ...


def of_points(positions: Tensor, scale: float, opacity: float) -> Gaussians:
    """A Gaussian for each point of a cloud.

    Args:
        positions: float32 `[n, 3]`.
        scale: Standard deviation, in mean distances to the three nearest neighbours.
        opacity: Of all.
    """
    apart = positions.new_zeros(len(positions))
    count = min(NEIGHBOURS, len(positions) - 1)
    if count > 0:
        tree = cKDTree(positions.cpu().numpy())
        for start in range(0, len(positions), BLOCK):
            part = positions[start : start + BLOCK].cpu().numpy()
            found, _ = tree.query(part, k=list(range(2, count + 2)))
            apart[start : start + len(part)] = torch.from_numpy(found.mean(axis=1)).to(apart)
    return Gaussians(positions, scale * apart, torch.full_like(apart, opacity))


def reduced(camera: Camera, longest: int) -> Camera:
    """The same view in a picture whose longer side is no longer than that many pixels."""
    share = min(1.0, longest / max(camera.size))
    height, width = (max(1, round(share * side)) for side in camera.size)
    return camera.scaled((height, width))


class Weights:
    """A view as a sparse matrix: how much each Gaussian adds to each pixel.

    Attributes:
        rows: int64 `[e]`, never falling: the pixel's place among those drawn.
        columns: int64 `[e]`: the Gaussian; a pixel's rise.
        values: `[e]`, above 0; those of a pixel sum to 1 at most.
        shape: Pixels drawn and Gaussians.
    """

    def __init__(
        self, rows: Tensor, columns: Tensor, values: Tensor, shape: tuple[int, int]
    ) -> None:
        self.rows, self.columns, self.values, self.shape = rows, columns, values, shape

    def render(self, features: Tensor) -> Tensor:
        """See `View`."""
        # Sorted by row and column without repetitions, as `TorchSplatter` makes it.
        matrix = torch.sparse_coo_tensor(
            torch.stack([self.rows, self.columns]),
            self.values,
            self.shape,
            is_coalesced=True,
            check_invariants=False,
        )
        drawn: Tensor = torch.sparse.mm(matrix, features)
        return drawn


def shares(view: View, instances: Instances3D) -> Tensor:
    """How much of each pixel each object fills, what is in front of it taken into account.

    Args:
        view: A view of the scene's Gaussians, one a point.
        instances: k objects.

    Returns:
        float32 `[m, k]` from 0 to 1. Memory is that and `AT_ONCE` numbers a point.
    """
    total, owners = instances.total, instances.owners
    drawn = [view.render(instances.scores.new_zeros(total, 1))[:, :0]]
    for start in range(0, len(instances), AT_ONCE):
        count = min(AT_ONCE, len(instances) - start)
        some = ((owners >= start) & (owners < start + count)).nonzero()[:, 0]
        carried = instances.scores.new_zeros(total, count)
        carried[instances.points[some], owners[some] - start] = 1
        drawn.append(view.render(carried))
    return torch.cat(drawn, dim=1)


class TorchSplatter:
    """Draws on any device.

    Memory beyond the result is a few numbers a Gaussian and a pixel, and `PAIRS` pairs: Gaussians
    are taken from front to back in blocks, and each pixel remembers the light that is left.
    """

    def view(self, gaussians: Gaussians, camera: Camera, pixels: Tensor | None = None) -> Weights:
        """See `Splatter`."""
        height, width = camera.size
        flat = _projected(gaussians, camera)
        device = flat.x.device
        if pixels is None:
            pixels = torch.arange(height * width, device=device)
        # float64: light is a product of many factors, taken as a difference of sums of logarithms.
        light = torch.zeros(height * width, dtype=torch.float64, device=device)
        light[pixels] = 1
        place = torch.full((height * width,), -1, dtype=torch.int64, device=device)
        place[pixels] = torch.arange(len(pixels), device=device)
        parts = [(place[:0], place[:0], light[:0])]
        for start, end in _blocks(flat.counts):
            which, pixel, alpha = _covered(flat.rows(start, end), width, light)
            used, share = _composited(pixel, alpha, light)
            parts.append((place[pixel[used]], flat.gaussian[start + which[used]], share))
        rows, columns, values = (torch.cat(column) for column in zip(*parts, strict=True))
        order = (rows * max(len(gaussians.centres), 1) + columns).argsort()
        return Weights(
            rows[order],
            columns[order],
            values[order].to(gaussians.centres.dtype),
            (len(pixels), len(gaussians.centres)),
        )


class _Flat(NamedTuple):
    """Gaussians in a picture, nearest first; those that touch no pixel are left out.

    `first` and `second`, `mixed` are the entries of the inverse covariance; `box` is left, top,
    columns and rows of the pixels that may be covered; `counts` is how many these are.
    """

    gaussian: Tensor
    x: Tensor
    y: Tensor
    first: Tensor
    mixed: Tensor
    second: Tensor
    opacity: Tensor
    box: Tensor
    counts: Tensor

    def rows(self, start: int, end: int) -> _Flat:
        return _Flat(*(column[start:end] for column in self))


def _projected(gaussians: Gaussians, camera: Camera) -> _Flat:
    """Centres and covariances in the picture; the perspective is taken as linear around each."""
    height, width = camera.size
    kind = gaussians.centres.dtype
    to_camera = invert_pose(camera.pose.to(kind))
    k = camera.k.to(kind)
    tx, ty, z = (gaussians.centres @ to_camera[:3, :3].T + to_camera[:3, 3]).unbind(dim=1)
    kept = ((z > NEAR) & (gaussians.opacities >= LEAST_OPAQUE)).nonzero()[:, 0]
    kept = kept[z[kept].argsort(stable=True)]
    tx, ty, z, scale, opacity = (
        column[kept] for column in (tx, ty, z, gaussians.scales, gaussians.opacities)
    )
    fx, fy, cx, cy = k[0, 0], k[1, 1], k[0, 2], k[1, 2]
    x, y = fx * tx / z + cx, fy * ty / z + cy
    # Far outside the picture the linear perspective stretches without end.
    half = width / 2 / fx, height / 2 / fy
    sx = (tx / z).clamp(
        -(cx + 0.5) / fx - MARGIN * half[0], (width - cx - 0.5) / fx + MARGIN * half[0]
    )
    sy = (ty / z).clamp(
        -(cy + 0.5) / fy - MARGIN * half[1], (height - cy - 0.5) / fy + MARGIN * half[1]
    )
    spread = (scale / z) ** 2
    xx = spread * fx**2 * (1 + sx**2) + BLUR
    yy = spread * fy**2 * (1 + sy**2) + BLUR
    xy = spread * fx * fy * sx * sy
    reach = (2 * (opacity / LEAST_OPAQUE).log()).clamp(min=0).sqrt()
    low_x, high_x = _range(x, reach * xx.sqrt(), width)
    low_y, high_y = _range(y, reach * yy.sqrt(), height)
    box = torch.stack([low_x, low_y, high_x - low_x, high_y - low_y], dim=1)
    counts = box[:, 2].clamp(min=0) * box[:, 3].clamp(min=0)
    det = xx * yy - xy**2
    every = _Flat(kept, x, y, yy / det, -xy / det, xx / det, opacity, box, counts)
    some = (counts > 0).nonzero()[:, 0]
    return _Flat(*(column[some] for column in every))


def _range(middle: Tensor, radius: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """First pixel and the one after the last that lie within a radius; int64."""
    low = (middle - radius).ceil().clamp(0, size).long()
    high = (middle + radius).floor().clamp(-1, size - 1).long() + 1
    return low, high


def _blocks(counts: Tensor) -> list[tuple[int, int]]:
    """Rows in blocks of at most `PAIRS` pairs, or of one Gaussian."""
    block = (counts.cumsum(0) - counts) // PAIRS
    ends = torch.unique_consecutive(block, return_counts=True)[1].cumsum(0).tolist()
    return list(pairwise([0, *ends]))


def _covered(flat: _Flat, width: int, light: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Pairs of Gaussian (its row) and unfinished pixel, with opacities; by pixel, then by depth."""
    which = torch.arange(len(flat.x), device=light.device).repeat_interleave(flat.counts)
    start = flat.counts.cumsum(0) - flat.counts
    within = torch.arange(len(which), device=light.device) - start[which]
    columns = flat.box[:, 2][which]
    column = flat.box[:, 0][which] + within % columns
    row = flat.box[:, 1][which] + torch.div(within, columns, rounding_mode="floor")
    pixel = row * width + column
    lit = (light[pixel] > 0).nonzero()[:, 0]
    which, pixel = which[lit], pixel[lit]
    dx, dy = flat.x[which] - column[lit], flat.y[which] - row[lit]
    falls = flat.first[which] * dx * dx + flat.second[which] * dy * dy
    falls = falls / 2 + flat.mixed[which] * dx * dy
    alpha = (flat.opacity[which] * (-falls).exp()).clamp(max=MOST_OPAQUE)
    seen = (alpha >= LEAST_OPAQUE).nonzero()[:, 0]
    seen = seen[pixel[seen].argsort(stable=True)]
    return which[seen], pixel[seen], alpha[seen]


def _composited(pixel: Tensor, alpha: Tensor, light: Tensor) -> tuple[Tensor, Tensor]:
    """Which pairs count, and how much each adds to its pixel; takes the light from the pixels."""
    alpha = alpha.double()
    logs = torch.log1p(-alpha)
    sums = logs.cumsum(0)
    is_first = torch.ones_like(pixel, dtype=torch.bool)
    is_first[1:] = pixel[1:] != pixel[:-1]
    group = is_first.cumsum(0) - 1
    base = (sums - logs)[is_first][group]
    arriving = light[pixel] * (sums - logs - base).exp()
    leaving = arriving * (1 - alpha)
    used = (leaving > LEAST_LIGHT).nonzero()[:, 0]
    # Light only falls, so the last pair of a pixel says whether it is finished.
    is_last = is_first.roll(-1)
    left = leaving[is_last]
    light[pixel[is_last]] = torch.where(left > LEAST_LIGHT, left, 0)
    return used, (arriving * alpha)[used]
