"""Draws scenes: a lit pass with shadows at twice the size, and a flat pass of labels and depth.

More flat passes, each of things that lie apart in the picture, give the pixels a thing would have
if nothing hid it.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.render.actors import label_actor, lit_actor
from openseg.mini.rooms.render.offscreen import aim, depth, draw, open_window, shadow_pass
from openseg.mini.rooms.render.view import View, boxes_of
from openseg.mini.rooms.scene import Camera, Kind, Light, Scene
from openseg.mini.rooms.solids import Solid, solids_of

_CEILING_GLOW = 1.9
# Baking costs 45 and 115 ms; a walk needs it once.
_SHADOW_MAP: dict[Kind, int] = {"still": 1024, "room": 2048}


class Renderer:
    """Renders scenes, one after the other, in windows that it keeps open.

    Args:
        width: Width of the pictures in pixels.
        height: Height of the pictures in pixels.

    Raises:
        MissingExtraError: If PyVista or the OpenGL library it needs is not installed.
    """

    def __init__(self, width: int = 256, height: int = 256) -> None:
        self._size = (width, height)
        # VTK fits its shadow map to a square window and throws false shadows in any other.
        self._side = max(width, height)
        self._lit = open_window(2 * self._side, 2 * self._side)
        self._flat = open_window(width, height)
        self._shadows, self._baker = shadow_pass()
        self._lit.renderer.SetPass(self._shadows)
        # Leaving out what is not in the picture would bake the shadows anew for every view.
        self._lit.renderer.GetCullers().RemoveAllItems()
        self._scene: Scene | None = None
        self._labels: list[Any] = []
        self._surfaces: list[Any] = []
        self._corners: list[npt.NDArray[np.float64]] = []

    def close(self) -> None:
        """Closes the windows and frees their memory."""
        self._shadows.ReleaseGraphicsResources(self._lit.render_window)
        self._lit.close()
        self._flat.close()

    def render(self, scene: Scene) -> View:
        """Renders a scene from its first camera."""
        return next(self.walk(scene))

    def walk(self, scene: Scene) -> Iterator[View]:
        """Renders a scene from each of its cameras; meshes are built once.

        Args:
            scene: The scene. Cameras take this renderer's picture size and keep their vertical
                angle of view.
        """
        self._baker.SetResolution(_SHADOW_MAP[scene.kind])
        self._load(scene)
        for camera in scene.cameras:
            yield self._view(camera.resized(*self._size))

    def _load(self, scene: Scene) -> None:
        for plotter in (self._lit, self._flat):
            plotter.renderer.RemoveAllViewProps()
        solids = solids_of(scene)
        _set_lights(self._lit, scene.light)
        ambient = scene.light.ambient
        ceilings = {s.id for s in scene.room.surfaces if s.category == "ceiling"}
        looks: dict[tuple[int, int], list[Solid]] = defaultdict(list)
        bodies: dict[tuple[int, bool], list[Solid]] = defaultdict(list)
        for solid in solids:
            looks[(0, 0) if solid.tile is None else (solid.id, id(solid.tile))].append(solid)
            bodies[solid.id, solid.inside].append(solid)
        for alike in looks.values():
            glow = _CEILING_GLOW if alike[0].id in ceilings else 1.0
            self._lit.renderer.AddActor(lit_actor(alike, min(1.0, glow * ambient)))
        self._labels, self._surfaces, self._corners = [], [], []
        for (id_, _), body in bodies.items():
            actor = label_actor(body)
            self._flat.renderer.AddActor(actor)
            if id_ <= len(scene.things):
                self._labels.append(actor)
                points = np.concatenate([s.mesh.points for s in body])
                self._corners.append(_box_corners(points))
            else:
                self._surfaces.append(actor)
        self._scene = scene

    def _view(self, camera: Camera) -> View:
        image = self._picture(camera)
        aim(self._flat, camera, camera.fov)
        codes = draw(self._flat)
        far = depth(self._flat)
        ids = codes[..., 0] + (codes[..., 1].astype(np.uint16) << 8)
        parts = np.ascontiguousarray(codes[..., 2])
        boxes, seen = boxes_of(ids, len(self._labels))
        whole = self._whole(camera, boxes, seen)
        visible = np.divide(seen, whole, out=np.zeros(len(seen)), where=whole > 0)
        return View(camera, image, far, ids, parts, boxes, visible.astype(np.float32))

    def _picture(self, camera: Camera) -> npt.NDArray[np.uint8]:
        width, height = self._size
        side = self._side
        aim(self._lit, camera, float(2 * np.degrees(np.arctan(side / (2 * camera.focal)))))
        square = draw(self._lit)
        big = square[side - height : side + height, side - width : side + width]
        mean = big.reshape(height, 2, width, 2, 3).mean(axis=(1, 3))
        return np.asarray(np.round(mean), dtype=np.uint8)

    def _whole(
        self, camera: Camera, boxes: npt.NDArray[np.float32], seen: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """Pixels each thing would have if nothing hid it; only right for things that are seen."""
        reach = np.array([_reach(camera, corners) for corners in self._corners])
        whole = seen.copy()
        alone = [_apart(reach[k], np.delete(reach, k, axis=0)) for k in range(len(reach))]
        waiting = [int(k) for k in np.flatnonzero(seen) if not alone[k]]
        for actor in self._labels + self._surfaces:
            actor.SetVisibility(False)
        while waiting:
            group: list[int] = []
            for k in waiting:
                if _apart(reach[k], reach[group]):
                    group.append(k)
            for k in group:
                self._labels[k].SetVisibility(True)
            codes = draw(self._flat)
            ids = codes[..., 0] + (codes[..., 1].astype(np.uint16) << 8)
            counts = np.bincount(ids.ravel(), minlength=len(seen) + 1)
            for k in group:
                whole[k] = counts[k + 1]
                self._labels[k].SetVisibility(False)
            waiting = [k for k in waiting if k not in group]
        for actor in self._labels + self._surfaces:
            actor.SetVisibility(True)
        return whole


def _set_lights(plotter: Any, light: Light) -> None:
    from vtkmodules.vtkRenderingCore import vtkLight

    plotter.remove_all_lights()
    lamp = vtkLight()
    lamp.SetPosition(*light.position)
    lamp.SetFocalPoint(*light.target)
    lamp.SetConeAngle(light.cone)  # VTK casts shadows from spots narrower than 90 degrees only
    lamp.SetColor(*light.colour)
    lamp.SetIntensity(light.intensity)
    fill = vtkLight()
    fill.SetPosition(*light.fill_position)
    fill.SetConeAngle(180)
    fill.SetIntensity(light.fill)
    for each in (lamp, fill):
        each.SetPositional(True)
        each.SetExponent(0)
        plotter.renderer.AddLight(each)


def _box_corners(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The corners of the box around points, [8, 3]."""
    ends = np.stack([points.min(axis=0), points.max(axis=0)])
    picks = np.indices((2, 2, 2)).reshape(3, 8).T
    return np.asarray(ends[picks, np.arange(3)])


def _reach(camera: Camera, corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The box xyxy in the picture that a thing cannot leave."""
    pixels, far = camera.project(corners)
    if far.min() < 0.1:  # partly behind the camera: it may be anywhere
        return np.array([-1e9, -1e9, 1e9, 1e9])
    return np.concatenate([pixels.min(axis=0) - 1, pixels.max(axis=0) + 1])


def _apart(one: npt.NDArray[np.float64], others: npt.NDArray[np.float64]) -> bool:
    """Whether a box overlaps none of the others."""
    return not bool(
        np.any((one[:2] < others[:, 2:]).all(axis=1) & (others[:, :2] < one[2:]).all(axis=1))
    )
