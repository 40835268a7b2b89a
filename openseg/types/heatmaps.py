"""Where in the image a model sees each of several phrases, words or things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_tensor

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Heatmaps:
    """One map a row, kept on the model's grid until someone needs pixels.

    What each row is of, a stage says beside it (`Phrases`).

    Attributes:
        values: float32 `[n, gh, gw]`, not negative; the grid covers the whole image, so cell
            `(y, x)` is the image's rectangle from `(y * h / gh, x * w / gw)` to the next cell's.
        size: Height and width of the image in pixels.
    """

    values: Tensor
    size: tuple[int, int]

    def __post_init__(self) -> None:
        check_tensor(self.values, "Heatmaps.values", ("n", "gh", "gw"), "float32")

    def __len__(self) -> int:
        return int(self.values.shape[0])
