"""Where objects of a scene are seen: in which view, in which box, and which regions made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_rows, check_tensor

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class InstanceViews:
    """How much of each object each view shows.

    Attributes:
        visible: int64 `[k, f]`: points of object k that view f sees.
        boxes: float32 `[k, f, 4]` xyxy around them in pixels of the view's colour picture; 0 where
            none is seen.
    """

    visible: Tensor
    boxes: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.visible, "InstanceViews.visible", ("k", "f"), "int64")
        check_tensor(self.boxes, "InstanceViews.boxes", ("k", "f", 4), "float32")
        check_rows("InstanceViews.boxes", len(self.visible), len(self.boxes))

    def __len__(self) -> int:
        return int(self.visible.shape[0])


@dataclass(frozen=True, eq=False)
class Sightings:
    """The evidence behind objects: a row for each view that speaks for one of them.

    Attributes:
        instances: int64 `[e]`, never falling: the object.
        views: int64 `[e]`: the view, a row of the frames the object was made from.
        boxes: float32 `[e, 4]` xyxy: where in that view's colour picture.
        regions: int64 `[e]`: the row of the 2D regions that says so; -1 where no region does.
        weights: float32 `[e]`: how much it counted, not negative.
        names: Names of the frames, so that a row can be shown without them.
    """

    instances: Tensor
    views: Tensor
    boxes: Tensor
    regions: Tensor
    weights: Tensor
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        check_tensor(self.instances, "Sightings.instances", ("e",), "int64")
        check_tensor(self.views, "Sightings.views", ("e",), "int64")
        check_tensor(self.boxes, "Sightings.boxes", ("e", 4), "float32")
        check_tensor(self.regions, "Sightings.regions", ("e",), "int64")
        check_tensor(self.weights, "Sightings.weights", ("e",), "float32")
        for name in ("views", "boxes", "regions", "weights"):
            check_rows(f"Sightings.{name}", len(self.instances), len(getattr(self, name)))

    def __len__(self) -> int:
        return int(self.instances.shape[0])

    def of(self, instance: int) -> Tensor:
        """The rows that speak for one object, int64, the weightiest first."""
        rows = (self.instances == instance).nonzero()[:, 0]
        return rows[self.weights[rows].argsort(descending=True, stable=True)]

    def take(self, instances: list[int]) -> Sightings:
        """The evidence of the given objects, numbered by their place in that list."""
        import torch

        rows = [(self.instances == one).nonzero()[:, 0] for one in instances]
        counts = torch.tensor([len(some) for some in rows], dtype=torch.int64)
        index = torch.cat([self.views[:0], *rows])
        new = torch.arange(len(instances)).repeat_interleave(counts)
        return Sightings(
            new.to(index.device),
            self.views[index],
            self.boxes[index],
            self.regions[index],
            self.weights[index],
            self.names,
        )
