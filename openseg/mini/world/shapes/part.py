"""A named part of an object and how its colour relates to the object's."""

from dataclasses import dataclass

from openseg.mini.world.mesh import Mesh

METAL = (168, 170, 176)
DARK = (30, 32, 40)
PAPER = (238, 232, 214)
LIGHT = (255, 252, 244)


@dataclass(frozen=True)
class Part:
    """A named part.

    Attributes:
        name: One of the category's part names.
        mesh: Its geometry.
        tint: Colour that the object's colour is mixed with.
        weight: Share of `tint` in the mix: 0 is the object's colour, 1 is `tint`.
    """

    name: str
    mesh: Mesh
    tint: tuple[int, int, int] = DARK
    weight: float = 0.0

    def rgb(self, colour: tuple[int, int, int]) -> tuple[int, int, int]:
        """The part's colour on an object of the given colour (sRGB 0-255)."""
        r, g, b = (
            round((1 - self.weight) * own + self.weight * other)
            for own, other in zip(colour, self.tint, strict=True)
        )
        return r, g, b
