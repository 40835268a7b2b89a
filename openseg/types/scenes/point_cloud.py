"""Points of a scene, in the order of the file they came from: a point is known by its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_rows, check_tensor

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class PointCloud:
    """A cloud, or the vertices of a mesh.

    Attributes:
        positions: float32 `[n, 3]` in the world's metres.
        colors: uint8 `[n, 3]`, RGB.
        normals: float32 `[n, 3]`, unit length; None if the file has none.
    """

    positions: Tensor
    colors: Tensor
    normals: Tensor | None = None

    def __post_init__(self) -> None:
        check_tensor(self.positions, "PointCloud.positions", ("n", 3), "float32")
        check_tensor(self.colors, "PointCloud.colors", ("n", 3), "uint8")
        check_rows("PointCloud.colors", len(self.positions), len(self.colors))
        if self.normals is not None:
            check_tensor(self.normals, "PointCloud.normals", ("n", 3), "float32")
            check_rows("PointCloud.normals", len(self.positions), len(self.normals))

    def __len__(self) -> int:
        return int(self.positions.shape[0])
