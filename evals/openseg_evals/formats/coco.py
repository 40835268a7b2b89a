"""COCO files as scorers need them: a data set and a results list that fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.formats.files import (
    need,
    need_finite,
    need_list,
    need_number,
    read_entries,
    read_json,
    sample,
)
from openseg_evals.formats.masks import need_size, read_rle, read_union


def read_truth(path: Path, *, masks: bool = True) -> dict[str, Any]:
    """Reads a COCO data set.

    Args:
        path: The JSON file.
        masks: Whether to check and encode the annotations' masks.

    Returns:
        `images`, `annotations`, `categories`; with `masks`, every `segmentation` as compressed
        run lengths.

    Raises:
        InputError: If the file is missing or broken, an id is unknown, used twice or 0, or a mask
            does not fit its image.
    """
    where = str(path)
    content = read_json(path)
    if not isinstance(content, dict):
        fix = "give instances_*.json, an object with images, annotations, categories"
        raise InputError("is not a COCO data set", where=where, fix=fix)
    tables = {
        key: need_list(need(content, key, where), key, where)
        for key in ("images", "annotations", "categories")
    }
    for key, rows in tables.items():
        twice = [
            one
            for one, n in Counter(need_number(row, "id", where) for row in rows).items()
            if n > 1
        ]
        if twice:
            what = f"ids of {key} occur twice: {sample(twice)}"
            raise InputError(what, where=where, fix="number them uniquely")
    images = {one["id"]: one for one in tables["images"]}
    categories = {one["id"] for one in tables["categories"]}
    annotations = []
    for one in tables["annotations"]:
        place = f"{where} annotation {one['id']}"
        if one["id"] == 0:
            fix = "number annotations from 1: the official code takes 0 for 'not matched'"
            raise InputError("has the id 0", where=place, fix=fix)
        _known(one, "image_id", images, place)
        _known(one, "category_id", categories, place)
        if masks:
            size = _size(images[one["image_id"]], where)
            segmentation = read_union(need(one, "segmentation", place), size, place)
            need_finite(need(one, "area", place), "area", place)
            annotations.append({**one, "segmentation": segmentation})
        else:
            annotations.append(one)
    return {**content, "annotations": annotations}


def read_results(path: Path, truth: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Reads COCO results with masks.

    Args:
        path: A JSON list, or JSON lines.
        truth: The data set they are for.

    Returns:
        The results in file order, each `segmentation` as compressed run lengths.

    Raises:
        InputError: If the file is missing or broken, an image or category is not in the data set,
            a score is not finite, or a mask does not fit its image.
    """
    images = {one["id"]: one for one in truth["images"]}
    categories = {one["id"] for one in truth["categories"]}
    results = []
    for where, one in read_entries(path):
        _known(one, "image_id", images, where)
        _known(one, "category_id", categories, where)
        need_finite(need(one, "score", where), "score", where)
        if one.get("bbox"):
            _check_box(one["bbox"], where)
        segmentation = need(one, "segmentation", where)
        size = _size(images[one["image_id"]], where)
        results.append({**one, "segmentation": read_rle(segmentation, size, where)})
    return results


def _known(entry: Any, key: str, known: Any, where: str) -> None:
    value = need_number(entry, key, where)
    if value not in known:
        fix = f"the truth has {len(known)}: {sample(known)}"
        raise InputError(f"{key} {value!r} is not in the truth", where=where, fix=fix)


def _check_box(box: Any, where: str) -> None:
    if len(need_list(box, "bbox", where)) != 4:
        raise InputError(f"bbox is {box!r}", where=where, fix="write [x, y, width, height]")
    for side in box:
        need_finite(side, "bbox", where)


def _size(image: Mapping[str, Any], where: str) -> tuple[int, int]:
    return need_size(image, where)
