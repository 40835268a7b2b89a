"""A pinhole camera: where it stands, and how it maps the world to pixels of one image size.

Axes are OpenCV's: x right, y down, z into the picture. The centre of the top left pixel is the
image point (0, 0), so that a picture covers -0.5 to `width - 0.5`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_tensor
from openseg.types.errors import ShapeError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Camera:
    """One view.

    Attributes:
        k: float32 `[3, 3]`, intrinsics in pixels of an image of `size`.
        pose: float32 `[4, 4]`, camera to world, metres.
        size: Height and width in pixels that `k` is meant for.
    """

    k: Tensor
    pose: Tensor
    size: tuple[int, int]

    def __post_init__(self) -> None:
        check_tensor(self.k, "Camera.k", (3, 3), "float32")
        check_tensor(self.pose, "Camera.pose", (4, 4), "float32")
        check_size(self.size, "Camera.size")

    def scaled(self, size: tuple[int, int]) -> Camera:
        """The same view at another resolution.

        Args:
            size: Height and width in pixels of the other picture, which covers the same view.
        """
        return Camera(scale_k(self.k, self.size, size), self.pose, size)


def check_size(size: tuple[int, int], name: str) -> None:
    """Checks that an image size is two positive numbers.

    Raises:
        ShapeError: If it is not.
    """
    if len(size) != 2 or min(size) < 1:
        raise ShapeError(f"{name} must be a positive height and width, got {size}")


def scale_k(k: Tensor, size: tuple[int, int], to: tuple[int, int]) -> Tensor:
    """Intrinsics for the same view at another resolution.

    Pixels keep their area of the picture, so the principal point moves by half a pixel before and
    after it is scaled.

    Args:
        k: floating point `[..., 3, 3]`.
        size: Height and width that `k` is meant for.
        to: Height and width wanted.
    """
    rows, columns = to[0] / size[0], to[1] / size[1]
    scaled = k.clone()
    scaled[..., 0, :2] *= columns
    scaled[..., 1, :2] *= rows
    scaled[..., 0, 2] = (k[..., 0, 2] + 0.5) * columns - 0.5
    scaled[..., 1, 2] = (k[..., 1, 2] + 0.5) * rows - 0.5
    return scaled
