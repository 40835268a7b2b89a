"""What a scene is: plain values that say everything a renderer needs, and nothing rendered.

Lengths in metres, angles in degrees, z up, the floor at z = 0, colours sRGB 0-255. Cameras follow
OpenCV: x right, y down, z forward; the middle of the first pixel is (0, 0).
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.catalogue import category
from openseg.mini.rooms.held_out import Layout
from openseg.mini.rooms.splits import Split, split_of
from openseg.mini.rooms.vocabulary import STRUCTURE, Category, Material, SizeWord

Rgb = tuple[int, int, int]
Vector = tuple[float, float, float]
Kind = Literal["still", "room"]
"""A close view of a few things for 2D training, or a furnished room with a walk through it."""

Support = int | Literal["floor", "wall"]
"""What carries a thing: the id of the thing it stands on, or the room."""

StillLayout = Literal["tabletop", "corner"]
"""Kinds of stills: things on a piece of furniture, or furniture and things in a corner."""

Pattern = Literal["plain", "planks", "tiles", "speckles", "stripes", "bricks", "carpet"]


@dataclass(frozen=True)
class PartColour:
    """A part that has a colour of its own."""

    part: str
    colour: str
    rgb: Rgb


@dataclass(frozen=True)
class Thing:
    """A thing in a scene.

    Attributes:
        id: Its value in the instance id map, from 1.
        category: Category name.
        colour: Colour name of the parts that are not tinted or coloured otherwise.
        material: What those parts are made of or covered with.
        rgb: Its own shade of its colour.
        position: Middle of its base; for a thing on a wall, middle of the lower edge of its back.
        yaw: Turn about the vertical axis; its front faces +x at 0, +y at 90.
        size: Its longest side.
        extent: Full lengths along its own axes: depth (front to back), width, height.
        shape: Two proportions in [0, 1] that its builder interprets.
        support: What carries it.
        accents: Parts with a colour of their own.
    """

    id: int
    category: str
    colour: str
    material: Material
    rgb: Rgb
    position: Vector
    yaw: float
    size: float
    extent: Vector
    shape: tuple[float, float]
    support: Support
    accents: tuple[PartColour, ...] = ()

    @property
    def kind(self) -> Category:
        """All that is known about its category."""
        return category(self.category)

    @property
    def size_word(self) -> SizeWord | None:
        """Small or large for its category; None if ordinary."""
        return self.kind.size_word(self.size)

    @property
    def middle(self) -> Vector:
        """Middle of its oriented bounding box."""
        x, y, z = self.position
        depth, _, height = self.extent
        out = depth / 2 if self.support == "wall" else 0.0
        turn = np.radians(self.yaw)
        return float(x + out * np.cos(turn)), float(y + out * np.sin(turn)), z + height / 2


@dataclass(frozen=True)
class Surface:
    """A flat rectangle that belongs to the room: its floor, a wall, its ceiling.

    Attributes:
        id: Its value in the instance id map; the surfaces follow the things.
        category: Key of `STRUCTURE`.
        origin: One corner.
        along: Edge from the origin.
        across: The other edge; `along x across` points into the room.
        pattern: What it is covered with.
        rgb: Main colour.
        accent: Second colour of the pattern.
        tile: Length of one repeat of the pattern.
        seed: Seed of the pattern's grain.
    """

    id: int
    category: Literal["floor", "wall", "ceiling"]
    origin: Vector
    along: Vector
    across: Vector
    pattern: Pattern
    rgb: Rgb
    accent: Rgb
    tile: float
    seed: int


@dataclass(frozen=True)
class Room:
    """A rectangular room from (0, 0, 0) to `size`.

    Attributes:
        layout: Its layout family; a still is a tabletop or the corner of a room.
        size: Lengths along x, y and z.
        surfaces: Floor, walls and ceiling; a still has only the walls behind its things.
        skirting: Colour of the skirting boards, which belong to the walls.
    """

    layout: Layout | StillLayout
    size: Vector
    surfaces: tuple[Surface, ...]
    skirting: Rgb


@dataclass(frozen=True)
class Camera:
    """A pinhole camera whose picture is upright.

    Attributes:
        position: Its centre.
        target: The point in the middle of the picture; never straight above or below.
        focal: Focal length in pixels.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
    """

    position: Vector
    target: Vector
    focal: float
    width: int
    height: int

    @property
    def k(self) -> npt.NDArray[np.float64]:
        """Camera matrix [3, 3] for pixels whose middles are whole numbers."""
        middle_x, middle_y = (self.width - 1) / 2, (self.height - 1) / 2
        return np.array([[self.focal, 0, middle_x], [0, self.focal, middle_y], [0, 0, 1.0]])

    @property
    def pose(self) -> npt.NDArray[np.float64]:
        """Camera-to-world matrix [4, 4]."""
        forward = np.subtract(self.target, self.position)
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        matrix = np.eye(4)
        matrix[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
        matrix[:3, 3] = self.position
        return matrix

    @property
    def fov(self) -> float:
        """Full vertical angle of view in degrees."""
        return float(2 * np.degrees(np.arctan(self.height / (2 * self.focal))))

    def resized(self, width: int, height: int) -> "Camera":
        """This camera with a picture of another size and the same vertical angle of view."""
        focal = self.focal * height / self.height
        return replace(self, focal=focal, width=width, height=height)

    def project(
        self, points: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Projects world points.

        Args:
            points: World coordinates, [n, 3].

        Returns:
            Pixel coordinates [n, 2] (x, y), meaningless behind the camera, and depths [n].
        """
        pose = self.pose
        local = (points - pose[:3, 3]) @ pose[:3, :3]
        depth = local[:, 2]
        safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
        return local[:, :2] / safe[:, None] * self.focal + self.k[:2, 2], depth


@dataclass(frozen=True)
class Light:
    """The lamp that casts shadows, a second one that casts none, and light from everywhere.

    Attributes:
        position: Where the lamp is; walls and ceilings do not stop its light.
        target: The point it is turned to.
        cone: Half its opening angle in degrees, below 45.
        intensity: Strength of the lamp.
        colour: Tint of the lamp, 0-1.
        fill_position: Where the shadowless lamp is.
        fill: Its strength.
        ambient: Strength of the light from everywhere.
    """

    position: Vector
    target: Vector
    cone: float
    intensity: float
    colour: tuple[float, float, float]
    fill_position: Vector
    fill: float
    ambient: float


@dataclass(frozen=True)
class Scene:
    """A room, the things in it, cameras and light.

    Attributes:
        seed: The seed it was made from.
        kind: A still (one camera) or a room (a walk of cameras).
        room: The surroundings.
        things: The things; `things[k].id == k + 1`.
        cameras: The cameras, in the order of the walk.
        light: The light.
    """

    seed: int
    kind: Kind
    room: Room
    things: tuple[Thing, ...]
    cameras: tuple[Camera, ...]
    light: Light

    @property
    def split(self) -> Split:
        """The split this scene belongs to."""
        return split_of(self.seed)

    def thing(self, id_: int) -> Thing:
        """The thing with an id.

        Raises:
            IndexError: If there is none.
        """
        if id_ < 1:
            raise IndexError(f"there is no thing {id_}")
        return self.things[id_ - 1]

    def labels(self) -> dict[int, int]:
        """ScanNet200 label id of every instance id, surfaces included."""
        labels = {t.id: t.kind.scannet200_id for t in self.things}
        return labels | {s.id: STRUCTURE[s.category] for s in self.room.surfaces}
