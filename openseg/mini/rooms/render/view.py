"""What a camera sees of a scene."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.scene import Camera


@dataclass(frozen=True)
class View:
    """What a camera sees of a scene.

    Attributes:
        camera: The camera.
        image: The picture, sRGB uint8 [h, w, 3].
        depth: Distance along the optical axis in metres, float32 [h, w]; 0 where nothing is.
        ids: Instance id map, uint16 [h, w]; 0 where nothing is.
        parts: Part map, uint8 [h, w]: a part's place in its category's parts plus one; 0 on
            walls, floor, ceiling and where nothing is.
        boxes: Boxes around the visible pixels of each thing, float32 [n, 4] xyxy in pixels with
            exclusive right and bottom edges; zeros for a thing that is not seen.
        visible: Share of each thing's pixels inside the picture that nothing hides, float32 [n].
    """

    camera: Camera
    image: npt.NDArray[np.uint8]
    depth: npt.NDArray[np.float32]
    ids: npt.NDArray[np.uint16]
    parts: npt.NDArray[np.uint8]
    boxes: npt.NDArray[np.float32]
    visible: npt.NDArray[np.float32]

    def points(self) -> npt.NDArray[np.float64]:
        """World points of all pixels, float64 [h, w, 3]; meaningless where depth is 0."""
        y, x = np.indices(self.depth.shape)
        k, pose = self.camera.k, self.camera.pose
        rays = np.stack([(x - k[0, 2]) / k[0, 0], (y - k[1, 2]) / k[1, 1], np.ones(x.shape)], -1)
        local = rays * self.depth[..., None].astype(np.float64)
        return np.asarray(local @ pose[:3, :3].T + pose[:3, 3])


def boxes_of(
    ids: npt.NDArray[np.uint16], count: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Boxes [count, 4] around the pixels of ids 1 to count, and how many pixels each has."""
    boxes = np.zeros((count, 4), dtype=np.float32)
    pixels = np.bincount(ids.ravel(), minlength=count + 1)[1 : count + 1]
    for k in np.flatnonzero(pixels):
        rows, columns = (ids == k + 1).any(axis=1), (ids == k + 1).any(axis=0)
        y, x = np.flatnonzero(rows), np.flatnonzero(columns)
        boxes[k] = x[0], y[0], x[-1] + 1, y[-1] + 1
    return boxes, pixels
