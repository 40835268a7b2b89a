"""BOP's files: a data set's folder with targets and scenes, and results in extended COCO format.

Scenes are COCO files of their own; they are merged into one, renumbered, images without target
left out. Sources: bop_toolkit `eval_bop22_coco.py`, `inout.py`, `calc_gt_coco.py`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from openseg.types.errors import InputError
from openseg_evals.formats.coco import read_truth
from openseg_evals.formats.files import (
    need,
    need_finite,
    need_list,
    need_number,
    parse_json,
    read_bytes,
    read_entries,
    read_json,
    sample,
)
from openseg_evals.formats.masks import read_rle

Image = tuple[int, int]  # scene_id, im_id

SAME_TIME = 0.001
_DEFAULT_TYPE = "primesense"  # T-LESS and HB have splits of several sensors


class BopTruth(NamedTuple):
    """The target images of a split.

    Attributes:
        folder: The split's folder, which holds the scenes.
        coco: The scenes as one COCO data set: image ids 0, 1, ... in the order of `images`.
        images: The target images; scenes in the order of the targets, images by id.
    """

    folder: Path
    coco: dict[str, Any]
    images: dict[Image, int]


class BopResults(NamedTuple):
    """A method's results.

    Attributes:
        results: Those on target images, in file order, as COCO results of the merged data set;
            others do not count.
        times: Seconds for each image, target or not; None if a result has none.
    """

    results: list[dict[str, Any]]
    times: dict[Image, float] | None


def split_of(results: Path) -> str:
    """The split that a result file's name tells: `test` in `method_ycbv-test_id.json`.

    Returns:
        The split, with its type where there is one: `test-primesense`.

    Raises:
        InputError: If the name does not tell.
    """
    parts = results.name.split(".")[0].split("_")
    _, dash, split = (parts[1] if len(parts) > 1 else "").partition("-")
    if not dash:
        fix = "name it <method>_<dataset>-<split>.json, or choose --set split=test"
        raise InputError("the name does not tell the split", where=str(results), fix=fix)
    return split


def read_bop(dataset: Path, split: str, targets: str) -> BopTruth:
    """Reads the target images of a split.

    Args:
        dataset: The data set's folder, such as `ycbv`.
        split: As `split_of` gives it.
        targets: Name of the file of targets in the folder.

    Returns:
        The truth, masks as compressed run lengths.

    Raises:
        InputError: If a file is missing or broken, or a scene lacks a target image.
    """
    folder = _split_folder(dataset, split)
    wanted: dict[int, set[int]] = {}
    file = dataset / targets
    for number, one in enumerate(need_list(read_json(file), "content", str(file))):
        place = f"{file} entry {number}"
        scene, image = need_number(one, "scene_id", place), need_number(one, "im_id", place)
        wanted.setdefault(scene, set()).add(image)
    numbers: dict[Image, int] = {}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    categories: dict[int, dict[str, Any]] = {}
    for scene, chosen in wanted.items():
        path = folder / f"{scene:06d}" / "scene_gt_coco.json"
        truth = read_truth(path)
        lost = chosen - {one["id"] for one in truth["images"]}
        if lost:
            fix = f"make it again with bop_toolkit's calc_gt_coco.py and {targets}"
            raise InputError(f"lacks target images {sample(lost)}", where=str(path), fix=fix)
        for one in sorted(truth["images"], key=lambda image: image["id"]):
            if one["id"] in chosen:
                number = numbers[scene, one["id"]] = len(numbers)
                images.append({**one, "id": number})
        for one in truth["annotations"]:
            if one["image_id"] in chosen:
                image = numbers[scene, one["image_id"]]
                annotations.append({**one, "id": len(annotations) + 1, "image_id": image})
        categories |= {one["id"]: one for one in truth["categories"]}
    if not numbers:
        raise InputError("names no image", where=str(file), fix="give the official targets")
    coco = {"images": images, "annotations": annotations, "categories": list(categories.values())}
    return BopTruth(folder, coco, numbers)


def read_bop_results(path: Path, truth: BopTruth) -> BopResults:
    """Reads and checks a method's results.

    Args:
        path: A JSON list, plain or as `.json.gz`, or JSON lines.
        truth: The truth they are for.

    Returns:
        The results.

    Raises:
        InputError: If an entry lacks a key or has another type, its scene or category is unknown,
            its mask does not fit its image, some results have a box and others not, an image has
            two times, or no result is on a target image.
    """
    categories = {one["id"] for one in truth.coco["categories"]}
    results: list[dict[str, Any]] = []
    times: dict[Image, float] = {}
    boxed: set[bool] = set()
    timed = True
    for where, one in _entries(path):
        image = need_number(one, "scene_id", where), need_number(one, "image_id", where)
        category = need_number(one, "category_id", where)
        if category not in categories:
            fix = f"the truth has {len(categories)}: {sample(categories)}"
            raise InputError(f"category_id {category} is not in the truth", where=where, fix=fix)
        need_finite(need(one, "score", where), "score", where)
        boxed.add(_has_box(one, where))
        if len(boxed) == 2:  # areas are those of the boxes, if there are any
            fix = "give a bbox with all results or with none"
            raise InputError("has a bbox and others not, or the reverse", where=where, fix=fix)
        seconds = need_finite(one.get("time", -1), "time", where)
        if seconds < 0:
            timed = False
        elif abs(times.setdefault(image, seconds) - seconds) > SAME_TIME:
            what = f"time {seconds} differs from {times[image]}, given before for the same image"
            raise InputError(what, where=where, fix="give one time for all results of an image")
        number = truth.images.get(image)
        if number is None:
            _check_scene(image[0], truth, where)
            continue
        shape = truth.coco["images"][number]
        mask = read_rle(need(one, "segmentation", where), (shape["height"], shape["width"]), where)
        results.append({**one, "image_id": number, "segmentation": mask})
    if boxed and not results:  # `boxed` is empty without any entry
        fix = f"the truth has {len(truth.images)} target images: {_names(truth.images)}"
        raise InputError("holds no result on a target image", where=str(path), fix=fix)
    return BopResults(results, times if timed and times else None)


def _split_folder(dataset: Path, split: str) -> Path:
    name = split.replace("-", "_")
    for one in (dataset / name, dataset / f"{name}_{_DEFAULT_TYPE}"):
        if one.is_dir():
            return one
    there = sorted(one.name for one in dataset.glob("*") if one.is_dir())
    fix = f"choose with --set split=NAME; its folders are: {', '.join(there) or 'none'}"
    raise InputError(f"has no folder {name}", where=str(dataset), fix=fix)


def _entries(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if path.suffix != ".gz":
        yield from read_entries(path)
        return
    try:
        content = gzip.decompress(read_bytes(path))
    except (OSError, EOFError, zlib.error) as error:
        fix = "copy or write the file again"
        raise InputError(f"cannot be unpacked: {error}", where=str(path), fix=fix) from None
    for number, one in enumerate(need_list(parse_json(content, str(path)), "content", str(path))):
        yield f"{path} entry {number}", one


def _has_box(entry: Mapping[str, Any], where: str) -> bool:
    box = need_list(entry.get("bbox", []), "bbox", where)
    if len(box) not in {0, 4}:
        raise InputError(f"bbox is {box!r}", where=where, fix="write [x, y, width, height]")
    for side in box:
        need_finite(side, "bbox", where)
    return bool(box)


def _check_scene(scene: int, truth: BopTruth, where: str) -> None:
    if not (truth.folder / f"{scene:06d}").is_dir():
        scenes = {one for one, _ in truth.images}
        fix = f"the targets are in {len(scenes)}: {sample(scenes)}"
        raise InputError(f"scene_id {scene} is not in the split", where=where, fix=fix)


def _names(images: Mapping[Image, int]) -> str:
    return sample(f"{scene}/{image}" for scene, image in images)
