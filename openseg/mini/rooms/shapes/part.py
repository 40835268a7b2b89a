"""A named part of a thing, how its colour relates to the thing's, and tops that carry others."""

from dataclasses import dataclass

from openseg.mini.rooms.shapes.mesh import Mesh
from openseg.mini.rooms.vocabulary import Place

Rgb = tuple[int, int, int]

METAL = (172, 174, 180)
DARK = (32, 34, 42)
PAPER = (240, 235, 220)
LIGHT = (255, 252, 244)
GREEN = (58, 128, 52)
GLASS = (176, 208, 226)
WOOD = (164, 118, 72)

_FIXED = 0.6


@dataclass(frozen=True)
class Part:
    """A named part, or a piece of one: pieces with the same name are one part.

    Attributes:
        name: One of the category's part names.
        mesh: Its geometry.
        tint: Colour that the thing's colour is mixed with.
        weight: Share of `tint` in the mix: 0 is the thing's colour, 1 is `tint`.
    """

    name: str
    mesh: Mesh
    tint: Rgb = DARK
    weight: float = 0.0

    @property
    def painted(self) -> bool:
        """Whether it shows the thing's colour and material."""
        return self.weight == 0.0

    @property
    def fixed(self) -> bool:
        """Whether it looks the same on things of all colours."""
        return self.weight > _FIXED

    def rgb(self, colour: Rgb, accent: Rgb | None = None) -> Rgb:
        """Its colour on a thing of the given colour (sRGB 0-255).

        Args:
            colour: The thing's colour.
            accent: The part's own colour, if it has one; a fixed piece ignores it.
        """
        if accent is not None and not self.fixed:
            return accent
        r, g, b = (
            round((1 - self.weight) * own + self.weight * other)
            for own, other in zip(colour, self.tint, strict=True)
        )
        return r, g, b


@dataclass(frozen=True)
class Top:
    """A level rectangle of a thing that others may stand on, in the thing's own axes.

    Attributes:
        place: What kind of place it is.
        x: Middle along the depth.
        y: Middle along the width.
        z: Height above the thing's base.
        depth: Full length along x.
        width: Full length along y.
        clearance: Free height above it.
    """

    place: Place
    x: float
    y: float
    z: float
    depth: float
    width: float
    clearance: float = 9.0

    def scaled(self, factor: float) -> "Top":
        """This top on a thing that is scaled."""
        sides = (self.x, self.y, self.z, self.depth, self.width, self.clearance)
        return Top(self.place, *(factor * side for side in sides))


@dataclass(frozen=True)
class Shape:
    """A thing's parts and tops in its own axes: front +x, base on z = 0."""

    parts: list[Part]
    tops: tuple[Top, ...] = ()
