"""The true regions of a sample, as a value on the edges of oracle variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg import ops
from openseg.types.check import check_rows, check_tensor
from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.samples import SceneSample, Target

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from openseg.types import PointCloud, TextQuery

NEAR = 0.1
"""Points farther apart have nothing to do with each other, metres: as `lift.transfer` has it."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Every true region of a sample, a row a region; zero rows where nothing is there.

    Attributes:
        masks: bool `[t, h, w]` at the size of the image, none of them empty; of a scene
            `[t, 1, n]`, its points as a picture of one line, empty where a thinner cloud has none.
        phrases: int64 `[t]`: index of the phrase each answers, in the query the method is given.
    """

    masks: Tensor
    phrases: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.masks, "Truth.masks", ("t", "h", "w"), "bool")
        check_tensor(self.phrases, "Truth.phrases", ("t",), "int64")
        check_rows("Truth.phrases", self.masks.shape[0], self.phrases.shape[0])

    @classmethod
    def of(cls, targets: Sequence[Target], size: tuple[int, int], device: torch.device) -> Truth:
        """The truth that a data set states.

        Args:
            targets: The true regions of a sample; one without a pixel is none.
            size: Height and width of the image.
            device: Where the tensors shall lie.

        Raises:
            InputError: If a mask has another size than the image.
        """
        import numpy as np
        import torch

        for one in targets:
            if tuple(one.mask["size"]) != size:
                (height, width), (rows, columns) = one.mask["size"], size
                raise InputError(
                    f"a true mask is {width}x{height}, its image is {columns}x{rows}",
                    fix="give the pictures the annotations were made on",
                )
        seen = [one for one in targets if rle.area(one.mask)]
        masks = np.zeros((len(seen), *size), dtype=np.bool_)
        for mask, one in zip(masks, seen, strict=True):
            mask[:] = rle.decode(one.mask)
        phrases = torch.tensor([one.phrase for one in seen], dtype=torch.int64)
        return cls(torch.from_numpy(masks).to(device), phrases.to(device))

    @classmethod
    def of_scene(cls, sample: SceneSample, total: int, device: torch.device) -> Truth:
        """The truth that a data set states of a scene.

        Args:
            sample: The scene.
            total: How many points its cloud has.
            device: Where the tensors shall lie.
        """
        import torch

        targets = sample.targets()
        masks = torch.zeros(len(targets), 1, total, dtype=torch.bool)
        for mask, one in zip(masks, targets, strict=True):
            mask[0, torch.from_numpy(one.vertices)] = True
        places = [sample.class_ids.index(one.label) for one in targets]
        phrases = torch.tensor(places, dtype=torch.int64)
        return cls(masks.to(device), phrases.to(device))

    def on(self, cloud: PointCloud, target: PointCloud) -> Truth:
        """The true objects of a scene as points of another cloud of it.

        Args:
            cloud: The cloud they are points of.
            target: The other; a point of it has the objects of the nearest point.
        """
        near = ops.scenes.surface.nearest(cloud.positions, target.positions, 1, NEAR)[:, 0]
        masks = self.masks[:, :, near.clamp(min=0)] & (near >= 0)
        return Truth(masks, self.phrases)

    def __len__(self) -> int:
        return int(self.masks.shape[0])

    @property
    def boxes(self) -> Tensor:
        """Tight boxes, float32 `[t, 4]` xyxy pixels."""
        return ops.masks.boxes_from_masks(self.masks)

    def classes(self, query: TextQuery) -> Tensor:
        """The class each region answers, int64 `[t]`: phrases of one class mean the same thing."""
        ids = [query.phrases[phrase].class_id for phrase in self.phrases.tolist()]
        return self.phrases.new_tensor(ids)
