"""Stills as COCO publishes its pictures: instances, panoptic segments, and parts.

Walls, floor and ceiling are stuff. Categories are ScanNet200's ids. Parts are a file of instances
of their own, whose `obj_ann_id` names the owner as in PACO.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.formats.encode import dumps, png
from openseg.mini.rooms.formats.ledger import Files
from openseg.mini.rooms.formats.making import Format
from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.formats.stills.annotate import (
    Annotation,
    check_size,
    draw_still,
    image_entries,
    numbered,
    part_annotations,
    part_categories,
    thing_annotations,
    thing_categories,
)
from openseg.mini.rooms.layout.still import SIDE
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scene import Scene
from openseg.mini.rooms.vocabulary import STRUCTURE


@dataclass(frozen=True)
class CocoStill:
    """A still to be written."""

    order: Order
    index: int

    @property
    def name(self) -> str:
        """Its number."""
        return f"{self.index:06d}"

    def write(self, renderer: Renderer, files: Files) -> dict[str, Any]:
        """Renders it and writes its picture and its map of segments; see `Piece.write`.

        Returns:
            Its annotations.
        """
        scene, view = draw_still(self.order, self.index, renderer)
        files.write(f"{self.order.split}/{self.name}.png", png(view.image))
        segments, info = _segments(scene, view)
        panoptic = f"annotations/panoptic_{self.order.split}"
        files.write(f"{panoptic}/{self.name}.png", png(_as_rgb(segments)))
        return {
            "things": thing_annotations(scene, view),
            "parts": part_annotations(scene, view),
            "segments": info,
        }


def _segments(scene: Scene, view: View) -> tuple[npt.NDArray[np.uint32], list[Annotation]]:
    """The segment of each pixel, and what the segments are: a thing each, and all of a stuff."""
    category_of = scene.labels()
    stuff = set(STRUCTURE.values())
    # Segments of things are numbered as their things, those of stuff follow.
    number_of = {
        id_: len(scene.things) + category if category in stuff else id_
        for id_, category in category_of.items()
    }
    table = np.zeros(max(category_of) + 1, dtype=np.uint32)
    table[list(number_of)] = list(number_of.values())
    segments = table[view.ids]
    categories = {number_of[id_]: category for id_, category in category_of.items()}
    info = []
    for number in np.unique(segments[segments > 0]).tolist():
        mask = segments == number
        y, x = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        left, top = int(x[0]), int(y[0])
        info.append(
            {
                "id": number,
                "category_id": categories[number],
                "area": int(np.count_nonzero(mask)),
                "bbox": [left, top, int(x[-1]) + 1 - left, int(y[-1]) + 1 - top],
                "iscrowd": 0,
            }
        )
    return segments, info


def _as_rgb(segments: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """COCO's coding of segment ids: R + 256 G + 65536 B."""
    return np.stack([segments >> shift & 255 for shift in (0, 8, 16)], axis=-1).astype(np.uint8)


def _pieces(order: Order) -> list[CocoStill]:
    check_size(order)
    return [CocoStill(order, index) for index in range(order.n)]


def _gather(order: Order, stills: Sequence[dict[str, Any]], files: Files) -> None:
    names = [f"{piece.name}.png" for piece in _pieces(order)]
    images = image_entries(order, names)
    things = numbered([one["things"] for one in stills])
    parts = numbered([one["parts"] for one in stills])
    for owners, owned in zip(things, parts, strict=True):
        owner_of = {one["thing"]: one["id"] for one in owners}
        for part in owned:
            part["obj_ann_id"] = owner_of[part["thing"]]
    panoptic = [
        {"image_id": number, "file_name": name, "segments_info": one["segments"]}
        for number, (name, one) in enumerate(zip(names, stills, strict=True))
    ]
    classes = [{**one, "isthing": 1} for one in thing_categories()] + [
        {"id": id_, "name": name, "supercategory": "structure", "isthing": 0}
        for name, id_ in STRUCTURE.items()
    ]
    for name, annotations, categories in (
        ("instances", list(chain.from_iterable(things)), thing_categories()),
        ("parts", list(chain.from_iterable(parts)), part_categories()),
        ("panoptic", panoptic, sorted(classes, key=lambda one: one["id"])),
    ):
        content = {"images": images, "annotations": annotations, "categories": categories}
        files.write(f"annotations/{name}_{order.split}.json", dumps(content))


COCO = Format("COCO instances, panoptic segments and parts", (SIDE, SIDE), _pieces, _gather)
"""Stills in COCO's format.

`<split>/000000.png` are the pictures, `annotations/` has `instances_<split>.json`,
`parts_<split>.json`, `panoptic_<split>.json` and the PNGs of the latter in a folder of its name.
"""
