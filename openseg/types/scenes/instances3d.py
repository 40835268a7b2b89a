"""Objects of a scene as sets of its points; zero objects are a normal value.

An object has few of a scene's points, so that lists of points take a hundredth of the memory that
a row of booleans a point would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_rows, check_tensor
from openseg.types.errors import ShapeError
from openseg.types.scenes.sightings import Sightings
from openseg.types.text import Phrases

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Instances3D:
    """Objects, which may share points.

    Attributes:
        points: int64 `[t]`: the points of the first object, rising, then those of the second, ...
        ends: int64 `[k]`: where each object's points end in `points`; the last is `t`.
        scores: float32 `[k]`, higher is better.
        total: How many points the scene has.
        phrases: What each object was found for; None where no words were asked.
        evidence: The views and 2D regions that made them; None where no view was asked.
    """

    points: Tensor
    ends: Tensor
    scores: Tensor
    total: int
    phrases: Phrases | None = None
    evidence: Sightings | None = None

    def __post_init__(self) -> None:
        check_tensor(self.points, "Instances3D.points", ("t",), "int64")
        check_tensor(self.ends, "Instances3D.ends", ("k",), "int64")
        check_tensor(self.scores, "Instances3D.scores", ("k",), "float32")
        check_rows("Instances3D.scores", len(self.ends), len(self.scores))
        if self.total < 0:
            raise ShapeError(f"Instances3D.total must not be negative, got {self.total}")
        if self.phrases is not None:
            check_rows("Instances3D.phrases", len(self.ends), len(self.phrases))
        if self.evidence is not None and (self.evidence.instances >= len(self.ends)).any():
            raise ShapeError(f"Instances3D.evidence must speak of the {len(self.ends)} objects")

    def __len__(self) -> int:
        return int(self.ends.shape[0])

    @classmethod
    def from_masks(
        cls, masks: Tensor, scores: Tensor, phrases: Phrases | None = None
    ) -> Instances3D:
        """Objects from a row of booleans each.

        Args:
            masks: bool `[k, n]`: objects by points of the scene.
            scores: float32 `[k]`.
            phrases: One an object, or None.
        """
        import numpy as np
        import torch

        check_tensor(masks, "masks", ("k", "n"), "bool")
        total = int(masks.shape[1])
        # NumPy takes a third of the time that `nonzero` does.
        flat = np.flatnonzero(masks.cpu().numpy())
        starts = np.arange(len(masks)) * total
        ends = np.searchsorted(flat, starts + total)
        flat -= starts.repeat(np.diff(ends, prepend=0))
        points = torch.from_numpy(flat).to(masks.device)
        # A tensor of NumPy's own would have no stride where there is no object.
        bounds = torch.tensor(ends.tolist(), dtype=torch.int64, device=masks.device)
        return cls(points, bounds, scores, total, phrases)

    @property
    def sizes(self) -> Tensor:
        """Points of each object, int64 `[k]`."""
        return self.ends.diff(prepend=self.ends.new_zeros(1))

    @property
    def owners(self) -> Tensor:
        """The object each entry of `points` belongs to, int64 `[t]`."""
        rows = self.ends.new_ones(len(self)).cumsum(0) - 1
        return rows.repeat_interleave(self.sizes)

    def of(self, row: int) -> Tensor:
        """The points of one object, int64, rising."""
        end = int(self.ends[row])
        return self.points[end - int(self.sizes[row]) : end]

    def masks(self) -> Tensor:
        """A row of booleans an object, bool `[k, total]`: a byte for each point and object."""
        import torch

        dense = torch.zeros(len(self), self.total, dtype=torch.bool, device=self.points.device)
        dense[self.owners, self.points] = True
        return dense

    def take(self, rows: list[int]) -> Instances3D:
        """The objects of the given rows, in that order."""
        import torch

        index = torch.tensor(rows, dtype=torch.int64, device=self.ends.device)
        return Instances3D(
            torch.cat([self.points[:0], *(self.of(row) for row in rows)]),
            self.sizes[index].cumsum(0),
            self.scores[index],
            self.total,
            None if self.phrases is None else self.phrases.take(rows),
            None if self.evidence is None else self.evidence.take(rows),
        )
