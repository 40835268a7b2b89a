"""What stages may ask of a 3D network: objects of any kind in a cloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from openseg.types import Instances3D, PointCloud


@runtime_checkable
class SceneProposer(Protocol):
    """Finds objects without words (Mask3D and its kin).

    None is shipped: such networks are compiled against sparse convolutions. A package announces one
    as a `Family` in the entry-point group `openseg.models`, with
    `openseg.models.tasks.scene_proposing:SceneProposer` among its protocols. What a network found
    before is read by `openseg.io.scene_proposals`.
    """

    def propose(self, clouds: Sequence[PointCloud]) -> list[Instances3D]:
        """Proposes objects in each cloud.

        Args:
            clouds: The clouds; they may be empty.

        Returns:
            For each cloud its objects, which may overlap, with scores in [0, 1] and no phrases;
            `total` is the cloud's number of points.
        """
        ...
