"""Vectors of regions, phrases and image cells, and how alike two sets of them are."""

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
        vectors: float32 `[n, d]`, unit length; zero where nothing is known of a region.
    """

    vectors: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.vectors, "RegionEmbeddings.vectors", ("n", "d"), "float32")

    def __len__(self) -> int:
        return int(self.vectors.shape[0])


@dataclass(frozen=True, eq=False)
class TextEmbeddings:
    """One vector a phrase of the query: of its words, or of pictures of what it names.

    Attributes:
        vectors: float32 `[p, d]`, unit length, in the order of the query's phrases; zero where
            nothing is known of one.
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


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """One vector a cell of a grid over the image.

    Attributes:
        values: float32 `[d, gh, gw]`, unit length along `d`; the grid covers the whole image.
        size: Height and width of the image in pixels.
    """

    values: Tensor
    size: tuple[int, int]

    def __post_init__(self) -> None:
        check_tensor(self.values, "FeatureMap.values", ("d", "gh", "gw"), "float32")


@dataclass(frozen=True, eq=False)
class FeatureAdapter:
    """A small trained layer that weighs the entries of a vector; see `openseg.ops.adapter`.

    Attributes:
        inner: float32 `[r, d]`, from vectors to hidden units.
        outer: float32 `[d, r]`, from hidden units to weights.
        scale: Length that unit vectors are brought to first.
    """

    inner: Tensor
    outer: Tensor
    scale: float

    def __post_init__(self) -> None:
        check_tensor(self.inner, "FeatureAdapter.inner", ("r", "d"), "float32")
        hidden, width = self.inner.shape
        check_tensor(self.outer, "FeatureAdapter.outer", (width, hidden), "float32")


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The pictures of an archive that are nearest to each phrase.

    Attributes:
        rows: int64 `[p, k]`: places of pictures in the archive, nearest first.
    """

    rows: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.rows, "Neighbours.rows", ("p", "k"), "int64")
