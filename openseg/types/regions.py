"""Columns that describe regions of one image, a row a region; zero rows are a normal value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_rows, check_tensor

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Boxes:
    """Axis-aligned boxes.

    Attributes:
        xyxy: float32 `[n, 4]`, left, top, right, bottom in pixels of the original image; the right
            and bottom edges are exclusive.
    """

    xyxy: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.xyxy, "Boxes.xyxy", ("n", 4), "float32")

    def __len__(self) -> int:
        return int(self.xyxy.shape[0])


@dataclass(frozen=True, eq=False)
class Points:
    """Point prompts: one set of points a region.

    Attributes:
        xy: float32 `[n, k, 2]` in pixels of the original image.
        labels: int64 `[n, k]`: 1 inside the region, 0 outside it, -1 padding.
    """

    xy: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.xy, "Points.xy", ("n", "k", 2), "float32")
        check_tensor(self.labels, "Points.labels", ("n", "k"), "int64")
        check_rows("Points.labels", self.xy.shape[0], self.labels.shape[0])

    def __len__(self) -> int:
        return int(self.xy.shape[0])


@dataclass(frozen=True, eq=False)
class Masks:
    """Binary masks.

    Attributes:
        data: bool `[n, h, w]` at the size of the original image.
    """

    data: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.data, "Masks.data", ("n", "h", "w"), "bool")

    def __len__(self) -> int:
        return int(self.data.shape[0])


@dataclass(frozen=True, eq=False)
class Scores:
    """One number a region, higher is better.

    Attributes:
        values: float32 `[n]`.
    """

    values: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.values, "Scores.values", ("n",), "float32")

    def __len__(self) -> int:
        return int(self.values.shape[0])


@dataclass(frozen=True, eq=False)
class Rows:
    """Where a stage's rows came from: row `i` of its outputs was row `index[i]` of its inputs.

    A stage that drops, reorders or repeats regions gives this column, so that a final mask can be
    traced back to its evidence.

    Attributes:
        index: int64 `[n]`.
    """

    index: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.index, "Rows.index", ("n",), "int64")

    def __len__(self) -> int:
        return int(self.index.shape[0])
