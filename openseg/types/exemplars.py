"""Boxes on the image itself that show what is looked for, as another way to name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_rows, check_tensor

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Exemplars:
    """Examples, in the image, of things that all instances are looked for of.

    Attributes:
        xyxy: float32 `[n, 4]`, left, top, right, bottom in pixels of the original image.
        positive: bool `[n]`: whether the box shows what its phrase means, or what it does not.
        phrase: int64 `[n]`: which phrase of the query the box is about; 0 where there are no words.
    """

    xyxy: Tensor
    positive: Tensor
    phrase: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.xyxy, "Exemplars.xyxy", ("n", 4), "float32")
        check_tensor(self.positive, "Exemplars.positive", ("n",), "bool")
        check_tensor(self.phrase, "Exemplars.phrase", ("n",), "int64")
        check_rows("Exemplars.positive", self.xyxy.shape[0], self.positive.shape[0])
        check_rows("Exemplars.phrase", self.xyxy.shape[0], self.phrase.shape[0])

    def __len__(self) -> int:
        return int(self.xyxy.shape[0])

    def about(self, phrase: int) -> Exemplars:
        """The examples of one phrase."""
        rows = self.phrase == phrase
        return Exemplars(self.xyxy[rows], self.positive[rows], self.phrase[rows])
