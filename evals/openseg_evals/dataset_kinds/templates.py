"""Templates of objects, from scenes in BOP's folders: pictures with a mask for each object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.formats.files import need, need_finite, need_list, need_number, read_json
from openseg_evals.samples import TemplateFile

LEAST_VISIBLE = 0.9
"""Share of an object that a picture must show to be a template of it. Ours: CNOS and NIDS-Net
render objects alone."""


def read_templates(
    folder: Path,
    places: Mapping[int, int],
    count: int,
    picture: Callable[[Path, int], Path],
) -> tuple[TemplateFile, ...]:
    """Chooses pictures of each object, evenly spread over those there are.

    Args:
        folder: Holds the scenes, each with `scene_gt.json`, `scene_gt_info.json` and `mask_visib`.
        places: The phrase of each object that is asked for, by `obj_id`.
        count: The most templates an object gets.
        picture: Where the picture of a scene and an image lies.

    Returns:
        Templates object by object; none where there is no such folder, and none of an object that
        no picture shows.

    Raises:
        InputError: If a file is missing or broken.
    """
    found: dict[int, list[TemplateFile]] = {}
    for scene in sorted(one.parent for one in folder.glob("*/scene_gt.json")):
        for id_, image, row in _shown(scene):
            if id_ in places:
                mask = scene / "mask_visib" / f"{image:06d}_{row:06d}.png"
                one = TemplateFile(picture(scene, image), mask, places[id_])
                found.setdefault(id_, []).append(one)
    return tuple(one for id_ in sorted(found) for one in _spread(found[id_], count))


def _shown(scene: Path) -> Iterator[tuple[int, int, int]]:
    """Object, image, and row in the image of everything that is well visible."""
    where = str(scene / "scene_gt.json")
    truth, details = read_json(scene / "scene_gt.json"), read_json(scene / "scene_gt_info.json")
    if not isinstance(truth, dict) or not all(image.isdecimal() for image in truth):
        raise InputError("is not a list of objects by image", where=where, fix="get the file again")
    for image in sorted(truth, key=int):
        objects: list[Any] = need_list(truth[image], f"image {image}", where)
        rows = need_list(
            need(details, image, str(scene / "scene_gt_info.json")), f"image {image}", where
        )
        for row, (one, detail) in enumerate(zip(objects, rows, strict=False)):
            visible = need_finite(need(detail, "visib_fract", where), "visib_fract", where)
            if visible >= LEAST_VISIBLE:
                yield need_number(one, "obj_id", where), int(image), row


def _spread(items: list[TemplateFile], count: int) -> list[TemplateFile]:
    if len(items) <= count:
        return items
    return [items[len(items) * i // count] for i in range(count)]
