"""What a scene is: plain values that say everything a renderer needs, and nothing rendered.

Lengths in metres, angles in degrees, z up, colours sRGB 0-255; the room's corner is at
(-wall, -wall) and its two walls run along the x and y axes.
"""

from dataclasses import dataclass
from typing import Literal

from openseg.mini.world.splits import Split, split_of

Rgb = tuple[int, int, int]
Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Thing:
    """An object of a scene.

    Attributes:
        id: Its value in the instance id map, from 1.
        category: Category name.
        colour: Colour name.
        rgb: Its own shade of that colour.
        position: Where its base stands.
        yaw: Turn about the vertical axis; its front faces +x at 0.
        size: Its longest side.
        shape: Two proportions in [0, 1] that its builder interprets.
    """

    id: int
    category: str
    colour: str
    rgb: Rgb
    position: Vector
    yaw: float
    size: float
    shape: tuple[float, float]


@dataclass(frozen=True)
class Surface:
    """A floor, wall or table top.

    Attributes:
        pattern: What it is covered with.
        rgb: Main colour.
        accent: Second colour of the pattern.
        tile: Length of one repeat of the pattern.
        seed: Seed of the pattern's grain.
    """

    pattern: Literal["plain", "planks", "tiles", "speckles", "stripes"]
    rgb: Rgb
    accent: Rgb
    tile: float
    seed: int


@dataclass(frozen=True)
class Room:
    """The surroundings.

    Attributes:
        floor: The ground; 0.8 m below the table top where there is a table.
        walls: The two walls.
        wall: Distance of the walls from the origin.
        table: The top that all objects stand on, or None if they stand on the floor.
        extent: Half side lengths of the table top along x and y.
    """

    floor: Surface
    walls: tuple[Surface, Surface]
    wall: float
    table: Surface | None
    extent: tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        position: Its centre.
        target: The point in the middle of the picture.
        fov: Full vertical angle of view.
    """

    position: Vector
    target: Vector
    fov: float


@dataclass(frozen=True)
class Light:
    """The lamp that casts shadows, and the light that comes from everywhere.

    Attributes:
        position: Where the lamp hangs.
        intensity: Strength of the lamp.
        fill: Strength of the shadowless light from the camera's side.
        ambient: Strength of the light from everywhere.
    """

    position: Vector
    intensity: float
    fill: float
    ambient: float


@dataclass(frozen=True)
class Scene:
    """A scene: a room, things in it, a camera and light."""

    seed: int
    room: Room
    things: tuple[Thing, ...]
    camera: Camera
    light: Light

    @property
    def split(self) -> Split:
        """The split this scene belongs to."""
        return split_of(self.seed)
