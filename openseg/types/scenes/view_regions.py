"""Regions found in the views of a scene: all views in one table, ordered by view.

A scene has hundreds of views and thousands of masks, so a mask is kept as the bits of its own box:
a few hundred bytes, where a full picture of booleans would take a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_rows, check_tensor
from openseg.types.errors import ShapeError
from openseg.types.text import Phrases

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class ViewRegions:
    """Boxes in the views of a scene.

    Attributes:
        views: int64 `[n]`, never falling: the row of each box's view among the scene's frames.
        boxes: float32 `[n, 4]` xyxy in pixels of that view's colour picture.
        scores: float32 `[n]`, higher is better.
        phrases: What each was found for; None where no words were asked.
    """

    views: Tensor
    boxes: Tensor
    scores: Tensor
    phrases: Phrases | None = None

    def __post_init__(self) -> None:
        check_tensor(self.views, "ViewRegions.views", ("n",), "int64")
        check_tensor(self.boxes, "ViewRegions.boxes", ("n", 4), "float32")
        check_tensor(self.scores, "ViewRegions.scores", ("n",), "float32")
        check_rows("ViewRegions.boxes", len(self.views), len(self.boxes))
        check_rows("ViewRegions.scores", len(self.views), len(self.scores))
        if self.phrases is not None:
            check_rows("ViewRegions.phrases", len(self.views), len(self.phrases))
        if (self.views[1:] < self.views[:-1]).any():
            raise ShapeError("ViewRegions.views must not fall: rows are ordered by view")

    def __len__(self) -> int:
        return int(self.views.shape[0])

    def used(self) -> list[int]:
        """The views that have any row, rising."""
        return sorted(set(self.views.tolist()))

    def of_view(self, view: int) -> range:
        """The rows of one view."""
        import torch

        edges = torch.tensor([view, view + 1], device=self.views.device)
        start, end = torch.searchsorted(self.views, edges).tolist()
        return range(start, end)


@dataclass(frozen=True, eq=False)
class ViewMasks:
    """A mask for each row of a `ViewRegions`.

    Attributes:
        bits: uint8 `[t]`: the pixels of each mask's box, row by row, eight a byte, the first in
            the lowest bit; each mask starts a new byte.
        ends: int64 `[n]`: where each mask's bytes end in `bits`.
        boxes: int64 `[n, 4]` xyxy: the pixels of the colour picture that `bits` speaks of.
    """

    bits: Tensor
    ends: Tensor
    boxes: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.bits, "ViewMasks.bits", ("t",), "uint8")
        check_tensor(self.ends, "ViewMasks.ends", ("n",), "int64")
        check_tensor(self.boxes, "ViewMasks.boxes", ("n", 4), "int64")
        check_rows("ViewMasks.boxes", len(self.ends), len(self.boxes))

    def __len__(self) -> int:
        return int(self.ends.shape[0])

    @classmethod
    def from_masks(cls, masks: Tensor) -> ViewMasks:
        """Packs masks of one picture.

        Args:
            masks: bool `[n, h, w]`.
        """
        check_tensor(masks, "masks", ("n", "h", "w"), "bool")
        crops, boxes = [], []
        for mask in masks:
            rows, columns = mask.any(dim=1).nonzero(), mask.any(dim=0).nonzero()
            box = [0, 0, 0, 0]
            if len(rows):
                box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
            left, top, right, bottom = box
            crops.append(mask[top:bottom, left:right])
            boxes.append(box)
        return cls.from_crops(crops, boxes, masks.device)

    @classmethod
    def from_crops(
        cls, crops: Sequence[Tensor], boxes: Sequence[Sequence[int]], device: torch.device
    ) -> ViewMasks:
        """Packs masks that are known within boxes of their pictures.

        Args:
            crops: bool `[bottom - top, right - left]` each.
            boxes: The xyxy pixels of each.
            device: Where the masks are to lie.
        """
        import torch

        parts = [torch.zeros(0, dtype=torch.uint8), *(_packed(one.reshape(-1)) for one in crops)]
        sizes = torch.tensor([len(part) for part in parts[1:]], dtype=torch.int64, device=device)
        return cls(
            torch.cat([part.to(device) for part in parts]),
            sizes.cumsum(0),
            torch.tensor(boxes, dtype=torch.int64, device=device).reshape(-1, 4),
        )

    @classmethod
    def joined(cls, parts: Sequence[ViewMasks]) -> ViewMasks:
        """The masks of several views, one after the other; at least one part."""
        import torch

        sizes = [part.ends.diff(prepend=part.ends.new_zeros(1)) for part in parts]
        return cls(
            torch.cat([part.bits for part in parts]),
            torch.cat(sizes).cumsum(0),
            torch.cat([part.boxes for part in parts]),
        )

    def crop(self, row: int) -> Tensor:
        """The pixels of one mask's box, bool `[bottom - top, right - left]`."""
        left, top, right, bottom = self.boxes[row].tolist()
        height, width = bottom - top, right - left
        end = int(self.ends[row])
        packed = self.bits[end - (height * width + 7) // 8 : end]
        flat = (packed[:, None] & _weights(packed)).reshape(-1)[: height * width] > 0
        return flat.reshape(height, width)

    def mask(self, row: int, size: tuple[int, int]) -> Tensor:
        """One mask in its picture, bool `[h, w]`.

        Args:
            row: Which one.
            size: Height and width of the picture.
        """
        import torch

        full = torch.zeros(size, dtype=torch.bool, device=self.bits.device)
        left, top, right, bottom = self.boxes[row].tolist()
        full[top:bottom, left:right] = self.crop(row)
        return full


def _weights(like: Tensor) -> Tensor:
    import torch

    return torch.tensor([1, 2, 4, 8, 16, 32, 64, 128], dtype=torch.uint8, device=like.device)


def _packed(flat: Tensor) -> Tensor:
    """Bits of bool `[m]` as uint8."""
    import torch
    from torch.nn.functional import pad

    whole = pad(flat.to(torch.uint8), (0, -len(flat) % 8))
    return (whole.reshape(-1, 8) * _weights(flat)).sum(dim=1, dtype=torch.uint8)
