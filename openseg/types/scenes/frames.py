"""Posed colour and depth pictures of one scene; pixels are read when they are asked for.

What is small (poses, intrinsics, sizes, paths) is held in columns, a row a frame, so that stages
can reckon with all cameras at once and two thousand frames cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.camera import Camera, check_size
from openseg.types.check import check_rows, check_tensor
from openseg.types.errors import ShapeError
from openseg.types.image import Image
from openseg.types.scenes import frame_files

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of a scene, in the order they were taken.

    Depth may have another size than colour and then has intrinsics of its own; both are taken from
    the same place.

    Attributes:
        names: How messages and traces name each frame; no name twice.
        poses: float32 `[n, 4, 4]`, camera to world, metres.
        color: Path of each colour picture.
        color_k: float32 `[n, 3, 3]`, in pixels of the colour picture.
        color_size: Height and width of each colour picture.
        depth: Path of each depth map; None where a frame has none.
        depth_k: float32 `[n, 3, 3]`, in pixels of the depth map.
        depth_size: Height and width of each depth map; those of colour where there is none.
        depth_scale: Stored depth units in a metre, for example 1000 for millimetres.
        no_depth: Stored depths that mean none, besides 0.
    """

    names: tuple[str, ...]
    poses: Tensor
    color: tuple[str, ...]
    color_k: Tensor
    color_size: tuple[tuple[int, int], ...]
    depth: tuple[str | None, ...]
    depth_k: Tensor
    depth_size: tuple[tuple[int, int], ...]
    depth_scale: float
    no_depth: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        check_tensor(self.poses, "Frames.poses", ("n", 4, 4), "float32")
        check_tensor(self.color_k, "Frames.color_k", ("n", 3, 3), "float32")
        check_tensor(self.depth_k, "Frames.depth_k", ("n", 3, 3), "float32")
        for name in ("poses", "color", "color_k", "color_size", "depth", "depth_k", "depth_size"):
            check_rows(f"Frames.{name}", len(self.names), len(getattr(self, name)))
        for size in {*self.color_size, *self.depth_size}:
            check_size(size, "Frames.color_size and depth_size")
        if not self.depth_scale > 0:
            raise ShapeError(f"Frames.depth_scale must be above 0, got {self.depth_scale}")

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, row: int) -> Frame:
        if not -len(self) <= row < len(self):
            raise IndexError(f"frame {row} of {len(self)}")
        return Frame(self, row % len(self))

    def __iter__(self) -> Iterator[Frame]:
        return (Frame(self, row) for row in range(len(self)))

    def take(self, rows: list[int]) -> Frames:
        """The frames of the given rows, in that order."""
        import torch

        index = torch.tensor(rows, dtype=torch.int64, device=self.poses.device)
        return Frames(
            names=tuple(self.names[row] for row in rows),
            poses=self.poses[index],
            color=tuple(self.color[row] for row in rows),
            color_k=self.color_k[index],
            color_size=tuple(self.color_size[row] for row in rows),
            depth=tuple(self.depth[row] for row in rows),
            depth_k=self.depth_k[index],
            depth_size=tuple(self.depth_size[row] for row in rows),
            depth_scale=self.depth_scale,
            no_depth=self.no_depth,
        )


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a scene.

    Attributes:
        frames: The frames it is one of.
        row: Its place among them.
    """

    frames: Frames
    row: int

    @property
    def name(self) -> str:
        """How messages and traces name it."""
        return self.frames.names[self.row]

    @property
    def camera(self) -> Camera:
        """The camera of the colour picture."""
        columns = self.frames
        return Camera(
            columns.color_k[self.row], columns.poses[self.row], columns.color_size[self.row]
        )

    @property
    def depth_camera(self) -> Camera:
        """The camera of the depth map."""
        columns = self.frames
        return Camera(
            columns.depth_k[self.row], columns.poses[self.row], columns.depth_size[self.row]
        )

    def image(self) -> Image:
        """Reads the colour picture.

        Raises:
            InputError: If it is missing, damaged, or not of the declared size.
        """
        path = self.frames.color[self.row]
        pixels, digest = frame_files.read_color(path)
        image = Image(pixels.to(self.frames.poses.device), digest, path)
        frame_files.need_size(path, image.size, self.frames.color_size[self.row])
        return image

    def depth(self) -> Tensor:
        """Reads the depth map.

        Returns:
            float32 `[h, w]` of `depth_camera.size`, metres; 0 where there is none, everywhere in a
            frame without depth.

        Raises:
            InputError: If it is missing, damaged, or not of the declared size.
        """
        columns = self.frames
        path, size = columns.depth[self.row], columns.depth_size[self.row]
        if path is None:
            return columns.poses.new_zeros(size)
        depth = frame_files.read_depth(path, columns.depth_scale, columns.no_depth)
        frame_files.need_size(path, (depth.shape[0], depth.shape[1]), size)
        return depth.to(columns.poses.device)
