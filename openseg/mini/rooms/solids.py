"""The geometry of a scene with its labels and paint: what is drawn, and what is scanned."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.scene import Rgb, Room, Scene, Surface, Thing
from openseg.mini.rooms.shapes import Mesh, build, merge
from openseg.mini.rooms.shapes.mesh import Floats, box
from openseg.mini.rooms.textures import material_tile, surface_tile

_SKIRTING_HEIGHT, _SKIRTING_DEPTH = 0.09, 0.015


@dataclass(frozen=True)
class Solid:
    """A piece of a scene that looks the same all over.

    Attributes:
        id: Instance id.
        part: Place of its part in the category's parts plus one; 0 for a surface of the room.
        mesh: Its geometry in world coordinates.
        rgb: Its colour where it has no texture.
        tile: A picture that repeats over it, uint8 [t, t, 3], or None.
        period: Length of one repeat in metres.
        metallic: Whether it shines.
        inside: Whether only its front is to be seen, as of a room's walls.
    """

    id: int
    part: int
    mesh: Mesh
    rgb: Rgb
    tile: npt.NDArray[np.uint8] | None = None
    period: float = 1.0
    metallic: bool = False
    inside: bool = False

    def colours(self, uv: Floats) -> npt.NDArray[np.uint8]:
        """Colours at texture places in metres, [n, 2] -> uint8 [n, 3]."""
        if self.tile is None:
            return np.broadcast_to(np.array(self.rgb, np.uint8), (len(uv), 3))
        side = len(self.tile)
        at = np.floor(uv / self.period * side).astype(np.int64) % side
        found: npt.NDArray[np.uint8] = self.tile[at[:, 1], at[:, 0]]
        return found


def thing_solids(thing: Thing) -> list[Solid]:
    """The pieces of a thing where it stands; painted parts carry its material."""
    own = {accent.part: accent.rgb for accent in thing.accents}
    tile = None
    if thing.material != "plain":
        tile = material_tile(thing.material, thing.rgb, seed=thing.id)
    solids = []
    for part in build(thing):
        accent = own.get(part.name)
        textured = tile is not None and part.painted and accent is None
        solids.append(
            Solid(
                id=thing.id,
                part=thing.kind.parts.index(part.name) + 1,
                mesh=part.mesh,
                rgb=part.rgb(thing.rgb, accent),
                tile=tile if textured else None,
                period=round(0.17 * thing.size**0.7, 4),
                metallic=textured and thing.material == "metallic",
            )
        )
    return solids


def quad(surface: Surface) -> Mesh:
    """The rectangle of a surface."""
    origin, along, across = (np.array(v) for v in (surface.origin, surface.along, surface.across))
    points = np.stack([origin, origin + along, origin + along + across, origin + across])
    x, y = float(np.linalg.norm(along)), float(np.linalg.norm(across))
    uv = np.array([[0, 0], [x, 0], [x, y], [0, y]])
    return Mesh(points, np.array([[0, 1, 2], [0, 2, 3]]), uv)


def _skirting(wall: Surface) -> Mesh:
    """The board along the foot of a wall."""
    along = np.array(wall.along)
    length = float(np.linalg.norm(along))
    board = box(length, 2 * _SKIRTING_DEPTH, _SKIRTING_HEIGHT)
    turn = float(np.degrees(np.arctan2(along[1], along[0])))
    x, y, z = np.array(wall.origin) + along / 2
    return board.turned("z", turn).moved(x, y, z)


def surface_solids(room: Room) -> list[Solid]:
    """Floor, walls with their skirting boards, and ceiling."""
    solids = []
    for surface in room.surfaces:
        tile = surface_tile(surface)
        solids.append(
            Solid(surface.id, 0, quad(surface), surface.rgb, tile, surface.tile, inside=True)
        )
        if surface.category == "wall":
            solids.append(Solid(surface.id, 0, _skirting(surface), room.skirting))
    return solids


def solids_of(scene: Scene) -> list[Solid]:
    """All pieces of a scene, things first."""
    things = [solid for thing in scene.things for solid in thing_solids(thing)]
    return things + surface_solids(scene.room)


def thing_mesh(thing: Thing) -> Mesh:
    """All of a thing's parts as one mesh."""
    return merge([part.mesh for part in build(thing)])
