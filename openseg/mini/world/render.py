"""Pictures and instance maps of scenes, drawn by VTK on the CPU without a display.

A lit pass with shadow maps at twice the size gives the picture; a flat pass without smoothing
gives the instance ids; one more flat pass per object, alone, gives its share that is visible.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.mini.world.generate import MIN_SIDE, MIN_VISIBLE
from openseg.mini.world.mesh import merge
from openseg.mini.world.offscreen import grab, open_window, pyvista, shadow_pass
from openseg.mini.world.scene import Room, Scene, Surface, Thing
from openseg.mini.world.shapes import Part, build
from openseg.mini.world.textures import tile

_TABLE_HEIGHT = 0.8
_FAR = 14.0
_WALL_HEIGHT = 7.0


@dataclass(frozen=True)
class View:
    """What a camera sees of a scene.

    Attributes:
        image: The picture, sRGB uint8 [h, w, 3].
        ids: Instance id map, uint8 [h, w]; 0 is background.
        boxes: Boxes around the visible pixels of each thing, float32 [n, 4] xyxy in pixels with
            exclusive right and bottom edges; zeros for a thing that is not seen.
        visible: Visible share of each thing's pixels, float32 [n].
    """

    image: npt.NDArray[np.uint8]
    ids: npt.NDArray[np.uint8]
    boxes: npt.NDArray[np.float32]
    visible: npt.NDArray[np.float32]

    @property
    def acceptable(self) -> bool:
        """Whether every thing is large and visible enough to be asked for."""
        sides = (self.boxes[:, 2:] - self.boxes[:, :2]).min(axis=1)
        enough = MIN_SIDE * min(self.ids.shape)
        return bool(np.all(self.visible >= MIN_VISIBLE) and np.all(sides >= enough))


class Renderer:
    """Renders scenes, one after the other, in windows that it keeps open.

    Args:
        width: Width of the pictures in pixels.
        height: Height of the pictures in pixels.

    Raises:
        MissingExtraError: If PyVista or the OpenGL library it needs is not installed.
    """

    def __init__(self, width: int = 256, height: int = 256) -> None:
        self._pv = pyvista()
        self._size = (width, height)
        # VTK fits its shadow map to a square window and throws false shadows in any other.
        self._lit = open_window(2 * max(width, height), 2 * max(width, height))
        self._flat = open_window(width, height)
        self._flat.set_background("black")
        self._shadows = shadow_pass()
        self._lit.renderer.SetPass(self._shadows)

    def close(self) -> None:
        """Closes the windows and frees their memory."""
        self._shadows.ReleaseGraphicsResources(self._lit.render_window)
        self._lit.close()
        self._flat.close()

    def render(self, scene: Scene) -> View:
        """Renders a scene.

        Args:
            scene: The scene; a picture wider than high shows more of the room at its sides.

        Returns:
            Picture, instance ids, boxes and visible shares, things in the scene's order.
        """
        meshes = [self._mesh(build(thing), thing) for thing in scene.things]
        image = self._draw_lit(scene, meshes)
        ids, whole = self._draw_flat(scene, meshes)
        boxes = np.zeros((len(meshes), 4), dtype=np.float32)
        seen = np.zeros(len(meshes))
        for i, thing in enumerate(scene.things):
            y, x = np.nonzero(ids == thing.id)
            seen[i] = len(x)
            if len(x):
                boxes[i] = x.min(), y.min(), x.max() + 1, y.max() + 1
        visible = np.divide(seen, whole, out=np.zeros(len(meshes)), where=whole > 0)
        return View(image, ids, boxes, visible.astype(np.float32))

    def _mesh(self, parts: list[Part], thing: Thing) -> Any:
        whole = merge([part.mesh for part in parts])
        mesh = self._pv.PolyData.from_regular_faces(whole.points.astype(np.float32), whole.faces)
        mesh.cell_data["rgb"] = np.concatenate(
            [
                np.broadcast_to(np.array(part.rgb(thing.rgb), np.uint8), (len(part.mesh.faces), 3))
                for part in parts
            ]
        )
        # Rounded sides are shaded smoothly, sharp edges stay sharp.
        return mesh.clean(tolerance=1e-6, absolute=True).compute_normals(
            cell_normals=False,
            split_vertices=True,
            feature_angle=38,
            consistent_normals=False,
        )

    def _draw_lit(self, scene: Scene, meshes: list[Any]) -> npt.NDArray[np.uint8]:
        plotter, light = self._lit, scene.light
        plotter.clear_actors()
        plotter.remove_all_lights()
        sun = self._pv.Light(position=light.position, intensity=light.intensity)
        # VTK casts shadows from spots narrower than 90 degrees only.
        sun.positional, sun.cone_angle, sun.exponent = True, 44, 0
        fill = self._pv.Light(
            position=(light.position[1], light.position[0], 6.0), intensity=light.fill
        )
        fill.positional, fill.cone_angle = True, 180
        plotter.add_light(sun)
        plotter.add_light(fill)
        for mesh in meshes:
            plotter.add_mesh(
                mesh,
                scalars="rgb",
                rgb=True,
                ambient=light.ambient,
                specular=0.25,
                specular_power=18,
                render=False,
            ).prop.interpolation = "gouraud"
        self._add_room(scene.room, light.ambient)
        w, h = self._size
        side = max(w, h)
        reach = np.tan(np.radians(scene.camera.fov / 2)) * side / h
        square = grab(plotter, replace(scene.camera, fov=float(2 * np.degrees(np.arctan(reach)))))
        big = square[side - h : side + h, side - w : side + w]
        mean = big.reshape(h, 2, w, 2, 3).mean(axis=(1, 3))
        return np.asarray(np.round(mean), dtype=np.uint8)

    def _draw_flat(
        self, scene: Scene, meshes: list[Any]
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
        plotter = self._flat
        plotter.clear_actors()
        actors = [
            plotter.add_mesh(
                mesh, scalars=None, color=(thing.id, 0, 0), lighting=False, render=False
            )
            for mesh, thing in zip(meshes, scene.things, strict=True)
        ]
        ids = grab(plotter, scene.camera)[..., 0].copy()
        whole = np.zeros(len(actors))
        for i, actor in enumerate(actors):
            for other in actors:
                other.SetVisibility(other is actor)
            whole[i] = np.count_nonzero(grab(plotter, scene.camera)[..., 0])
        return ids, whole

    def _add_room(self, room: Room, ambient: float) -> None:
        ground = -_TABLE_HEIGHT if room.table else 0.0
        wall, middle, top = room.wall, _FAR / 2 - room.wall, ground + _WALL_HEIGHT / 2
        self._add_plane(
            room.floor, (middle, middle, ground), (1, 0, 0), (0, 1, 0), _FAR, _FAR, ambient
        )
        self._add_plane(
            room.walls[0], (-wall, middle, top), (0, 1, 0), (0, 0, 1), _FAR, _WALL_HEIGHT, ambient
        )
        self._add_plane(
            room.walls[1], (middle, -wall, top), (1, 0, 0), (0, 0, 1), _FAR, _WALL_HEIGHT, ambient
        )
        self._add_solids(room, ground, ambient)

    def _add_solids(self, room: Room, ground: float, ambient: float) -> None:
        """The skirting boards, and the table below its top."""
        low, far, high = -room.wall, _FAR - room.wall, ground + 0.1
        boards = [
            self._pv.Box((low, low + 0.03, low, far, ground, high)),
            self._pv.Box((low, far, low, low + 0.03, ground, high)),
        ]
        for board in boards:
            self._lit.add_mesh(board, color=(226, 222, 214), ambient=ambient, render=False)
        if room.table is None:
            return
        x, y = room.extent
        self._add_plane(room.table, (0, 0, 0), (1, 0, 0), (0, 1, 0), 2 * x, 2 * y, ambient)
        under = [self._pv.Box((-x, x, -y, y, -0.07, -0.002))]
        for i in (-1, 1):
            for j in (-1, 1):
                a, b = sorted((i * (x - 0.06), i * (x - 0.16)))
                c, d = sorted((j * (y - 0.06), j * (y - 0.16)))
                under.append(self._pv.Box((a, b, c, d, ground, -0.07)))
        for solid in under:
            self._lit.add_mesh(solid, color=room.table.accent, ambient=ambient, render=False)

    def _add_plane(
        self,
        surface: Surface,
        centre: tuple[float, float, float],
        along: tuple[int, int, int],
        across: tuple[int, int, int],
        length: float,
        breadth: float,
        ambient: float,
    ) -> None:
        u, v = length / 2 * np.array(along), breadth / 2 * np.array(across)
        corners = np.array(centre) + np.stack([-u - v, u - v, u + v, -u + v])
        plane = self._pv.PolyData.from_regular_faces(
            corners.astype(np.float32), np.array([[0, 1, 2, 3]])
        )
        plane.active_texture_coordinates = np.array(
            [[0, 0], [length, 0], [length, breadth], [0, breadth]], dtype=np.float32
        ) / np.float32(surface.tile)
        texture = self._pv.Texture(tile(surface))
        texture.repeat, texture.interpolate, texture.mipmap = True, True, True
        self._lit.add_mesh(plane, texture=texture, ambient=ambient, render=False)
