"""How much the regions of a method overlap the true ones, whatever the regions are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg import ops
from openseg.types import Boxes, Instances3D, Masks, Points
from openseg.types.check import check_tensor
from openseg_evals.oracle.truth import Truth

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Overlap:
    """Regions against true regions.

    Attributes:
        values: float32 `[n, t]` in [0, 1]; 0 where they have nothing in common.
    """

    values: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.values, "Overlap.values", ("n", "t"), "float32")


def of_masks(masks: Masks, truth: Truth) -> Tensor:
    """IoU of masks, float32 `[n, t]`."""
    return ops.masks.iou(masks.data, truth.masks)


def of_boxes(boxes: Boxes, truth: Truth) -> Tensor:
    """IoU with the boxes of the truth, float32 `[n, t]`."""
    return ops.boxes.iou(boxes.xyxy, truth.boxes)


def of_points(points: Points, truth: Truth) -> Tensor:
    """Share of a region's points that lie where their label says, float32 `[n, t]`.

    0 where no point that is meant to lie inside does.
    """
    height, width = truth.masks.shape[1:]
    x = points.xy[..., 0].floor().long().clamp(0, width - 1)
    y = points.xy[..., 1].floor().long().clamp(0, height - 1)
    inside = truth.masks[:, y, x].transpose(0, 1)  # [n, t, k]
    wanted, used = (points.labels == 1)[:, None], (points.labels >= 0)[:, None]
    right = ((inside == wanted) & used).sum(dim=2).float()
    touched = (inside & wanted).any(dim=2)
    return right / used.sum(dim=2).clamp(min=1) * touched


def of_instances(instances: Instances3D, truth: Truth) -> Tensor:
    """IoU of objects of a scene, float32 `[n, t]`."""
    owners, sizes = instances.owners, instances.sizes.float()
    iou = sizes.new_zeros(len(instances), len(truth))
    for place, mask in enumerate(truth.masks[:, 0]):  # one at a time: [t, points] would not fit
        shared = owners[mask[instances.points]].bincount(minlength=len(instances)).float()
        iou[:, place] = shared / (sizes + mask.sum() - shared)
    return iou
