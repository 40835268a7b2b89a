"""Vectors in a model's joint space, and how alike two sets of them are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_tensor

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class RegionEmbeddings:
    """One vector a region.

    Attributes:
        vectors: float32 `[n, d]`, unit length.
    """

    vectors: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.vectors, "RegionEmbeddings.vectors", ("n", "d"), "float32")

    def __len__(self) -> int:
        return int(self.vectors.shape[0])


@dataclass(frozen=True, eq=False)
class TextEmbeddings:
    """One vector a phrase of the query.

    Attributes:
        vectors: float32 `[p, d]`, unit length, in the order of the query's phrases.
    """

    vectors: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.vectors, "TextEmbeddings.vectors", ("p", "d"), "float32")


@dataclass(frozen=True, eq=False)
class Similarity:
    """How well each region fits each phrase.

    Attributes:
        values: float32 `[n, p]`: regions by phrases of the query.
    """

    values: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.values, "Similarity.values", ("n", "p"), "float32")

    def __len__(self) -> int:
        return int(self.values.shape[0])
