"""Deformable attention on a CPU, as a weighted sum of rows.

Zhu et al., "Deformable DETR", ICLR 2021, arXiv:2010.04159: each query looks at a few places of each
feature map. `transformers` samples one channel after the other and keeps every sample, 300 MB for
an image; here the channels of a place are a row, and rows are read, weighted and added in one go.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag, pad

ROWS = 1 << 18
"""Rows read in one go: their numbers and weights stay in a processor's cache."""


class RowSampling(nn.Module):
    """Stands in for `transformers`' `MultiScaleDeformableAttention`; equal up to rounding."""

    def forward(
        self,
        value: Tensor,
        value_spatial_shapes: Tensor,
        value_spatial_shapes_list: Sequence[tuple[int, int]],
        level_start_index: Tensor,
        sampling_locations: Tensor,
        attention_weights: Tensor,
        im2col_step: int,
    ) -> Tensor:
        """Samples between the pixels of maps, zero beyond their edges.

        Args:
            value: `[b, s, h, d]`, all pixels of all maps for `h` heads.
            value_spatial_shapes: The shapes of maps again.
            value_spatial_shapes_list: Height and width of each of the `l` maps.
            level_start_index: Where the maps start in `s`, which follows from their shapes.
            sampling_locations: `[b, q, h, l, p, 2]`, x and y as shares of the map.
            attention_weights: `[b, q, h, l, p]`.
            im2col_step: Of the CUDA kernel alone.

        Returns:
            `[b, q, h d]`.
        """
        del value_spatial_shapes, level_start_index, im2col_step
        maps = _Maps(value_spatial_shapes_list, value.shape[2])
        step = max(1, ROWS // (4 * attention_weights[0, 0].numel()))
        sampled = value.new_empty(*attention_weights.shape[:2], value.shape[2] * value.shape[3])
        for own, places, weights, out in zip(
            value, sampling_locations, attention_weights, sampled, strict=True
        ):
            table = maps.table(own)
            for start in range(0, len(places), step):
                part = slice(start, start + step)
                rows, shares = maps.corners(places[part], weights[part])
                found = embedding_bag(rows, table, per_sample_weights=shares, mode="sum")
                out[part] = found.view(-1, out.shape[1])
        return sampled


class _Maps:
    """The maps of an image as rows of a table, each map with a margin of zeros around it.

    Args:
        shapes: Height and width of each map.
        heads: Heads, whose rows of a pixel follow each other.
    """

    def __init__(self, shapes: Sequence[tuple[int, int]], heads: int) -> None:
        self._shapes, self._heads = shapes, heads
        wide = [(height + 3, width + 3) for height, width in shapes]
        starts = torch.tensor([0, *(height * width for height, width in wide)]).cumsum(0)[:-1]
        self._size = torch.tensor([[[width, height]] for height, width in shapes]).float()
        self._stride = torch.tensor([[width] for _, width in wide], dtype=torch.int32)
        corner = [[[0, 1, width, width + 1]] for _, width in wide]
        self._corner = heads * torch.tensor(corner, dtype=torch.int32)
        head = torch.arange(heads)[:, None, None]
        self._first = (heads * starts[:, None] + head).int()

    def table(self, value: Tensor) -> Tensor:
        """Rows `[r, d]` of pixels `[s, h, d]`."""
        areas = [height * width for height, width in self._shapes]
        levels = zip(torch.split(value, areas), self._shapes, strict=True)
        framed = [
            pad(level.reshape(*shape, -1), (0, 0, 1, 2, 1, 2)).flatten(0, 1)
            for level, shape in levels
        ]
        return torch.cat(framed).view(-1, value.shape[2])

    def corners(self, places: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """The four pixels around each place and their shares of its weight.

        Args:
            places: `[q, h, l, p, 2]`.
            weights: `[q, h, l, p]`.

        Returns:
            Rows of the table, int32, and weights, both `[q h, l p 4]`.
        """
        # Counted from the margin's corner; a place further out than the margin reads zeros there.
        place = torch.minimum((places * self._size + 0.5).clamp(min=0), self._size + 1)
        low = place.floor()
        x, y = (place - low).unbind(-1)
        column, line = low.int().unbind(-1)
        pixel = (line * self._stride + column) * self._heads + self._first
        across = torch.stack([1 - x, x], dim=-1)
        down = torch.stack([1 - y, y], dim=-1) * weights[..., None]
        rows = pixel[..., None] + self._corner
        shares = down[..., :, None] * across[..., None, :]
        count = len(places) * self._heads
        return rows.view(count, -1), shares.view(count, -1)
