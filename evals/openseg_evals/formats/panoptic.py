"""COCO's panoptic files: a JSON with the segments of each image, and PNGs of segment ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.formats.files import need, need_list, need_number, read_json, sample
from openseg_evals.formats.labels import read_ids

VOID = 0


@dataclass(frozen=True)
class PanopticImage:
    """One image's entry.

    Attributes:
        image_id: The image.
        png: Its file of segment ids.
        segments: The entries of `segments_info`.
        where: Its place, for errors.
    """

    image_id: int
    png: Path
    segments: Sequence[Mapping[str, Any]]
    where: str


@dataclass(frozen=True)
class PanopticFile:
    """A panoptic JSON.

    Attributes:
        images: Its entries in order.
        categories: For each category id whether it is a thing; none in a file of predictions.
    """

    images: Sequence[PanopticImage]
    categories: Mapping[int, bool]


def read_panoptic(path: Path, *, truth: bool) -> PanopticFile:
    """Reads a panoptic JSON.

    Args:
        path: The JSON file; its PNGs lie in the folder of the same name without `.json`.
        truth: Whether categories, areas and crowd flags are needed.

    Returns:
        The entries; ids are unique within an image, images within the file.

    Raises:
        InputError: If the file or the folder is missing, or an entry is broken.
    """
    content = read_json(path)
    where, folder = str(path), path.with_suffix("")
    if not isinstance(content, dict):
        raise InputError("is not a panoptic file", where=where, fix="it must be a JSON object")
    if not folder.is_dir():
        fix = "the PNGs lie in the folder of the JSON's name without .json"
        raise InputError("no folder of segment PNGs", where=str(folder), fix=fix)
    entries = need_list(need(content, "annotations", where), "annotations", where)
    images = [
        _image(one, folder, f"{where} annotation {n}", truth) for n, one in enumerate(entries)
    ]
    twice = [one for one, n in Counter(one.image_id for one in images).items() if n > 1]
    if twice:
        what = f"images occur twice: {sample(twice)}"
        raise InputError(what, where=where, fix="keep one entry for each image")
    categories = need_list(need(content, "categories", where), "categories", where) if truth else []
    return PanopticFile(
        images,
        {need_number(one, "id", where): bool(need(one, "isthing", where)) for one in categories},
    )


def read_segment_ids(image: PanopticImage, *, complete: bool) -> NDArray[np.int64]:
    """The segment of each pixel, `int64 [h, w]`.

    Args:
        image: The entry.
        complete: Whether PNG and JSON must name the same segments, as predictions must.

    Raises:
        InputError: If the PNG is missing or broken, or it and the JSON differ.
    """
    ids = read_ids(image.png)
    if complete:
        drawn = set(np.unique(ids).tolist()) - {VOID}
        listed = {int(one["id"]) for one in image.segments}
        for odd, here, there in ((drawn - listed, "PNG", "JSON"), (listed - drawn, "JSON", "PNG")):
            if odd:
                what = f"segments {sample(odd)} are in the {here} but not in the {there}"
                fix = f"write segments_info and {image.png.name} from the same map"
                raise InputError(what, where=image.where, fix=fix)
    return ids


def _image(entry: Any, folder: Path, where: str, truth: bool) -> PanopticImage:
    image_id, name = need_number(entry, "image_id", where), need(entry, "file_name", where)
    segments = need_list(need(entry, "segments_info", where), "segments_info", where)
    for one in segments:
        for key in ("id", "category_id", "area", "iscrowd") if truth else ("id", "category_id"):
            need_number(one, key, f"{where} segment")
    twice = [one for one, n in Counter(one["id"] for one in segments).items() if n > 1]
    if twice:
        what = f"segment ids occur twice: {sample(twice)}"
        raise InputError(what, where=where, fix="number the segments of an image uniquely")
    return PanopticImage(image_id, folder / str(name), segments, where)
