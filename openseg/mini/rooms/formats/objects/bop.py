"""Objects and scenes in BOP's format: models, templates from all sides, test pictures with poses.

Lengths are millimetres, and an object's own axes begin in the middle of its box, as BOP has it.
Templates are the `train` pictures: scene `<obj_id>` shows that object alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from openseg.mini.rooms.formats.encode import dumps, ply
from openseg.mini.rooms.formats.ledger import Files
from openseg.mini.rooms.formats.making import Format, Piece
from openseg.mini.rooms.formats.objects.collection import (
    HEIGHT,
    WIDTH,
    draw_objects,
    make_table,
    make_template,
    object_of,
)
from openseg.mini.rooms.formats.objects.scene_files import MM, Known, origin, write_scene
from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.render import Renderer
from openseg.mini.rooms.scan import subdivided
from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.solids import thing_solids

TARGETS = "test_targets_bop19.json"
"""The list of what is to be found in which picture."""

_VERTICES_ALONG = 25  # of a model's longest side, so that patterns show in its colours


@lru_cache(maxsize=4)
def _objects(order: Order) -> tuple[Thing, ...]:
    return draw_objects(order.scene_seed(0))


@dataclass(frozen=True)
class Template:
    """An object to be written: its model and its templates."""

    order: Order
    id: int

    @property
    def name(self) -> str:
        """Its name, such as `obj_000001`."""
        return f"obj_{self.id:06d}"

    def write(self, renderer: Renderer, files: Files) -> dict[str, Any]:
        """Renders it and writes its model and templates; see `Piece.write`.

        Returns:
            Its name and its entry of `models_info.json`.
        """
        thing = _objects(self.order)[self.id - 1]
        info = _write_model(files, f"models/{self.name}.ply", thing)
        scene = make_template(thing, self.order.scene_seed(0))
        known = Known({1: self.id}, _categories(self.order))
        write_scene(files, f"train/{self.id:06d}", scene, known, renderer)
        return {"info": info, "category": thing.category}


@dataclass(frozen=True)
class Table:
    """A test scene to be written."""

    order: Order
    index: int

    @property
    def name(self) -> str:
        """Its name, such as `test_000001`."""
        return f"test_{self.index + 1:06d}"

    def write(self, renderer: Renderer, files: Files) -> list[dict[str, int]]:
        """Renders it and writes its folder; see `Piece.write`.

        Returns:
            Its targets.
        """
        objects = _objects(self.order)
        scene = make_table(self.order.scene_seed(self.index), objects)
        found = {thing.id: object_of(thing, objects) for thing in scene.things}
        ids = {thing: one for thing, one in found.items() if one is not None}
        known = Known(ids, _categories(self.order))
        number = self.index + 1
        return [
            {"im_id": image, "inst_count": 1, "obj_id": one, "scene_id": number}
            for image, one in write_scene(files, f"test/{number:06d}", scene, known, renderer)
        ]


def _write_model(files: Files, name: str, thing: Thing) -> dict[str, float]:
    """Writes a mesh whose vertices have the colours; returns its sizes."""
    solids = thing_solids(thing)
    meshes = [subdivided(solid.mesh, thing.size / _VERTICES_ALONG) for solid in solids]
    points = (np.concatenate([m.points for m in meshes]) - origin(thing)) * MM
    starts = np.cumsum([0, *(len(m.points) for m in meshes[:-1])])
    faces = np.concatenate([m.faces + s for m, s in zip(meshes, starts, strict=True)])
    colours = np.concatenate([s.colours(m.uv) for s, m in zip(solids, meshes, strict=True)])
    columns = dict(zip("xyz", points.astype(np.float32).T, strict=True))
    columns |= dict(zip(("red", "green", "blue"), colours.T, strict=True))
    files.write(name, ply(columns, faces.astype(np.int32)))
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    values = {"diameter": float(np.linalg.norm(size))}
    values |= {f"min_{axis}": float(v) for axis, v in zip("xyz", low, strict=True)}
    values |= {f"size_{axis}": float(v) for axis, v in zip("xyz", size, strict=True)}
    return {key: round(value, 4) for key, value in values.items()}


def _categories(order: Order) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "name": one.category, "supercategory": "object"} for one in _objects(order)
    ]


def _pieces(order: Order) -> list[Piece]:
    templates = [Template(order, one.id) for one in _objects(order)]
    return [*templates, *(Table(order, index) for index in range(order.n))]


def _gather(order: Order, found: Sequence[Any], files: Files) -> None:
    objects = found[: -order.n]
    info = {str(number): one["info"] for number, one in enumerate(objects, start=1)}
    files.write("models/models_info.json", dumps(info))
    camera = make_template(_objects(order)[0], 0).cameras[0].resized(*order.size)
    k = camera.k
    values = {"cx": k[0, 2], "cy": k[1, 2], "fx": k[0, 0], "fy": k[1, 1], "depth_scale": 1.0}
    files.write("camera.json", dumps(values | {"width": order.width, "height": order.height}))
    targets = [target for table in found[-order.n :] for target in table]
    files.write(TARGETS, dumps(targets))


BOP = Format("BOP objects with templates", (WIDTH, HEIGHT), _pieces, _gather)
"""Objects in BOP's format.

`models/obj_000001.ply` and so on, `train/<obj_id>/` the templates of each, `test/<scene>/` pictures
of tables: `rgb`, `depth`, `mask`, `mask_visib`, `scene_gt.json`, `scene_gt_info.json`,
`scene_gt_coco.json`, `scene_camera.json`; `test_targets_bop19.json` names what is to be found.
"""
