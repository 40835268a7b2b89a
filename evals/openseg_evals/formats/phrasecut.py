"""PhraseCut's files: phrases with the polygons of all their instances (Wu et al., 2020).

Polygons are filled as the official loader does: corners cut to whole pixels, drawn by Pillow with
their outline. Source: ChenyunWu/PhraseCutDataset, `utils/data_transfer.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import (
    need,
    need_finite,
    need_list,
    need_number,
    read_json,
    sample,
)
from openseg_evals.formats.masks import need_size

Polygon = list[tuple[int, int]]

_FARTHEST = 1_000_000


@dataclass(frozen=True)
class PhraseTask:
    """A phrase and what it means; the official name of the pair is a task.

    Attributes:
        task_id: Its id.
        image_id: The picture, an id of Visual Genome.
        phrase: The words.
        instances: The polygons of each instance as the file has them.
        structure: `name`, `attribute`, `relation` or `verbose`: which of the phrase's words single
            its region out; empty if not stated.
        where: Its place, for errors.
    """

    task_id: str
    image_id: int
    phrase: str
    instances: list[Any]
    structure: str
    where: str


def read_tasks(path: Path) -> list[PhraseTask]:
    """Reads `refer_<split>.json`.

    Raises:
        InputError: If it is missing or broken, or two tasks share an id.
    """
    entries = need_list(read_json(path), "the file", str(path))
    tasks = [_task(one, f"{path} entry {n}") for n, one in enumerate(entries)]
    seen: set[str] = set()
    for task in tasks:
        if task.task_id in seen:
            what = f"task_id {task.task_id} occurs a second time"
            raise InputError(what, where=task.where, fix="number the tasks uniquely")
        seen.add(task.task_id)
    return tasks


def read_sizes(path: Path, tasks: list[PhraseTask]) -> dict[int, tuple[int, int]]:
    """Reads from `image_data_split.json` the height and width of the tasks' pictures.

    Raises:
        InputError: If it is missing or broken, or lacks a picture.
    """
    where = str(path)
    wanted = {one.image_id for one in tasks}
    sizes = {
        key: need_size(one, where)
        for one in need_list(read_json(path), "the file", where)
        if (key := need_number(one, "image_id", where)) in wanted
    }
    if lost := wanted - sizes.keys():
        what = f"lacks {len(lost)} images of the tasks: {sample(lost)}"
        raise InputError(what, where=where, fix="take all files from one download")
    return sizes


def instance_masks(task: PhraseTask, size: tuple[int, int]) -> list[rle.RLE]:
    """The mask of each instance.

    Args:
        task: The task.
        size: Height and width of its picture.

    Raises:
        InputError: If a polygon is broken.
    """
    return [_fill(_polygons(one, task.where), size) for one in task.instances]


def _task(entry: Any, where: str) -> PhraseTask:
    structure = entry.get("phrase_structure") if isinstance(entry, Mapping) else None
    return PhraseTask(
        task_id=str(need(entry, "task_id", where)),
        image_id=need_number(entry, "image_id", where),
        phrase=str(need(entry, "phrase", where)),
        instances=need_list(need(entry, "Polygons", where), "Polygons", where),
        structure=str(structure.get("type", "")) if isinstance(structure, Mapping) else "",
        where=where,
    )


def _polygons(instance: Any, where: str) -> list[Polygon]:
    polygons = []
    for one in need_list(instance, "an instance", where):
        corners = need_list(one, "a polygon", where)
        if any(len(need_list(corner, "a corner", where)) != 2 for corner in corners):
            raise InputError("holds a broken polygon", where=where, fix="corners are pairs [x, y]")
        polygons.append([(_corner(x, where), _corner(y, where)) for x, y in corners])
    return polygons


def _corner(value: Any, where: str) -> int:
    number = int(need_finite(value, "a corner", where))
    if abs(number) > _FARTHEST:
        raise InputError("holds a broken polygon", where=where, fix="corners are in pixels")
    return number


def _fill(polygons: list[Polygon], size: tuple[int, int]) -> rle.RLE:
    height, width = size
    canvas = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(canvas)
    for polygon in polygons:
        if len(polygon) >= 2:
            draw.polygon(polygon, outline=1, fill=1)
    return rle.encode(np.asarray(canvas) > 0)
