"""A scene cut into small smooth pieces, none of which should belong to two objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_tensor
from openseg.types.errors import ShapeError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Superpoints:
    """Pieces of a cloud, numbered from 0.

    Attributes:
        piece: int64 `[n]`: the piece of each point.
        count: How many pieces there are.
        normals: float32 `[n, 3]`: unit normals the pieces were found with.
        neighbours: int64 `[m, 2]`: pairs of nearby points, each once; pieces are joined by them.
    """

    piece: Tensor
    count: int
    normals: Tensor
    neighbours: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.piece, "Superpoints.piece", ("n",), "int64")
        check_tensor(self.normals, "Superpoints.normals", ("n", 3), "float32")
        check_tensor(self.neighbours, "Superpoints.neighbours", ("m", 2), "int64")
        if self.count < 0 or (len(self.piece) and int(self.piece.max()) >= self.count):
            raise ShapeError(f"Superpoints.piece must be below count, {self.count}")

    def __len__(self) -> int:
        return int(self.piece.shape[0])
