"""COCO annotations of a still: its things, and the parts of its things.

Ids are given when all stills are there; until then a thing is named by its id in the scene.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.io.rle import encode_masks, mask_boxes
from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.formats.order import WHERE, Order
from openseg.mini.rooms.records import sample_still
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scene import Scene
from openseg.types.errors import UserError

Annotation = dict[str, Any]

PER_CATEGORY = 10
"""A part's category id is its owner's times this, plus its place in the owner's parts from 1."""


def check_size(order: Order) -> None:
    """Refuses pictures that would cut off what a still shows.

    Raises:
        UserError: If the pictures are higher than wide.
    """
    if order.height > order.width:
        what = f"stills of {order.width}x{order.height} are higher than wide"
        raise UserError(what, where=WHERE, fix="stills are composed for square or wide pictures")


def draw_still(order: Order, index: int, renderer: Renderer) -> tuple[Scene, View]:
    """The still of an order, rendered."""
    return sample_still(order.known_split, order.place(index), renderer)


def thing_annotations(scene: Scene, view: View) -> list[Annotation]:
    """An annotation a thing that is seen, with `thing` in the place of ids.

    Beside COCO's keys it says what language needs: `colour`, `material`, `visible` (share of its
    pixels in the picture that nothing hides).
    """
    seen = [thing for thing in scene.things if np.any(view.boxes[thing.id - 1])]
    masks = view.ids == np.array([t.id for t in seen], dtype=np.uint16)[:, None, None]
    return [
        {
            "thing": thing.id,
            "category_id": thing.kind.scannet200_id,
            **shape,
            "colour": thing.colour,
            "material": thing.material,
            "visible": round(float(view.visible[thing.id - 1]), 4),
        }
        for thing, shape in zip(seen, _shapes(masks), strict=True)
    ]


def part_annotations(scene: Scene, view: View) -> list[Annotation]:
    """An annotation a part that is seen, with the owner's `thing` and the `part`'s name."""
    found: list[Annotation] = []
    for thing in scene.things:
        here = np.where(view.ids == thing.id, view.parts, 0)
        numbers = [int(k) for k in np.unique(here) if k]
        masks = here == np.array(numbers, dtype=np.uint8)[:, None, None]
        found += [
            {
                "thing": thing.id,
                "part": thing.kind.parts[k - 1],
                "category_id": part_category(thing.kind.scannet200_id, k),
                **shape,
            }
            for k, shape in zip(numbers, _shapes(masks), strict=True)
        ]
    return found


def _shapes(masks: npt.NDArray[np.bool_]) -> Iterator[Annotation]:
    encoded = encode_masks(masks)
    for mask, rle, box in zip(masks, encoded, mask_boxes(encoded), strict=True):
        area = int(np.count_nonzero(mask))
        yield {"bbox": box, "area": area, "segmentation": dict(rle), "iscrowd": 0}


def part_category(owner: int, number: int) -> int:
    """The category id of a part: of its owner's ScanNet200 id, and its place from 1."""
    return owner * PER_CATEGORY + number


def thing_categories() -> list[dict[str, Any]]:
    """COCO's `categories` of things; ids are ScanNet200's."""
    return [{"id": c.scannet200_id, "name": c.name, "supercategory": c.group} for c in CATEGORIES]


def part_categories() -> list[dict[str, Any]]:
    """COCO's `categories` of parts, called as one speaks of them: "handle of the cup"."""
    return [
        {
            "id": part_category(c.scannet200_id, number),
            "name": f"{part} of the {c.name}",
            "supercategory": c.name,
        }
        for c in CATEGORIES
        for number, part in enumerate(c.parts, start=1)
    ]


def image_entries(order: Order, names: Sequence[str]) -> list[dict[str, Any]]:
    """COCO's `images`: ids count the stills from 0."""
    return [
        {"id": number, "file_name": name, "width": order.width, "height": order.height}
        for number, name in enumerate(names)
    ]


def numbered(stills: Sequence[Sequence[Annotation]]) -> list[list[Annotation]]:
    """Annotations with ids from 1, which COCO's evaluator needs, and the ids of their images."""
    found: list[list[Annotation]] = []
    count = 0
    for image_id, annotations in enumerate(stills):
        ids = range(count + 1, count + 1 + len(annotations))
        found.append(
            [
                {"id": id_, "image_id": image_id, **one}
                for id_, one in zip(ids, annotations, strict=True)
            ]
        )
        count += len(annotations)
    return found
