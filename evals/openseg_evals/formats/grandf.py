"""GranD-f's files: true masks and captions in COCO's format, a prediction file for each image.

A prediction holds phrases and masks; mask k belongs to phrase k. Source: GLaMM
`eval/gcg/evaluate.py`, `infer.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

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
from openseg_evals.formats.masks import need_size, read_rle, read_union

MASKS = "_gcg_coco_mask_gt.json"
CAPTIONS = "_gcg_coco_caption_gt.json"
CATEGORY = 1

Identity = int | str


class GrandfImage(NamedTuple):
    """One image.

    Attributes:
        name: Its id; the prediction is `<name>.json`.
        size: Height and width.
        masks: The true masks.
        captioned: Whether it is listed with the captions; if not, it only counts for AP.
        phrases: The true phrases; none where its caption is missing.
    """

    name: str
    size: tuple[int, int]
    masks: list[rle.RLE]
    captioned: bool
    phrases: list[str]


class GrandfTruth(NamedTuple):
    """A split.

    Attributes:
        images: Its images, in order of their ids.
        coco: The masks as a COCO data set; image ids are places in `images`.
    """

    images: list[GrandfImage]
    coco: dict[str, Any]


class GrandfPrediction(NamedTuple):
    """What a method says of an image: phrases, and masks at its size."""

    phrases: list[str]
    masks: list[rle.RLE]


def find_split(gt: Path, split: str) -> tuple[Path, str]:
    """The folder and the split to read.

    Args:
        gt: A folder of annotations, or a split's file of masks.
        split: The split; may be empty if the folder holds only one.

    Raises:
        InputError: If there is none, or several and none was chosen.
    """
    folder = gt.parent if gt.is_file() else gt
    there = sorted(one.name.removesuffix(MASKS) for one in folder.glob(f"*{MASKS}"))
    wanted = gt.name.removesuffix(MASKS) if gt.is_file() else split
    if wanted in there:
        return folder, wanted
    if not wanted and len(there) == 1:
        return folder, there[0]
    fix = f"give the folder of <split>{MASKS} and <split>{CAPTIONS}"
    if there:
        fix = f"choose with --set split=NAME: {', '.join(there)}"
    what = f"has no split {wanted}" if wanted else f"holds {len(there)} splits"
    raise InputError(what, where=str(folder), fix=fix)


def read_grandf(folder: Path, split: str) -> GrandfTruth:
    """Reads a split.

    Args:
        folder: The folder of annotations.
        split: Its name, such as `val`.

    Returns:
        The truth.

    Raises:
        InputError: If a file is missing or broken, an id is unknown or used twice, there are
            several categories, or a mask does not fit its image.
    """
    path = folder / f"{split}{MASKS}"
    content = read_json(path)
    sizes = {identity: need_size(one, where) for identity, one, where in _images(content, path)}
    places = {identity: place for place, identity in enumerate(_ordered(sizes, path))}
    masks: dict[int, list[rle.RLE]] = {place: [] for place in places.values()}
    annotations: dict[int, dict[str, Any]] = {}
    for one, where in _annotations(content, path):
        image, identity = _known(one, sizes, where), need_number(one, "id", where)
        if identity in annotations:
            raise InputError(f"id {identity} occurs twice", where=where, fix="number them uniquely")
        if need_number(one, "category_id", where) != CATEGORY:
            fix = f"GranD-f has one category, {CATEGORY}: give its own files"
            raise InputError(f"category_id is {one['category_id']}", where=where, fix=fix)
        need_finite(need(one, "area", where), "area", where)
        mask = read_union(need(one, "segmentation", where), sizes[image], where)
        masks[places[image]].append(mask)
        annotations[identity] = {**one, "image_id": places[image], "segmentation": mask}
    captioned, phrases = _read_captions(folder / f"{split}{CAPTIONS}", sizes)
    images = [
        GrandfImage(str(one), sizes[one], masks[place], one in captioned, phrases.get(one, []))
        for one, place in places.items()
    ]
    coco = {
        "images": [
            {"id": place, "height": image.size[0], "width": image.size[1]}
            for place, image in enumerate(images)
        ],
        "annotations": list(annotations.values()),
        "categories": [{"id": CATEGORY, "name": "object"}],
    }
    return GrandfTruth(images, coco)


def read_prediction(path: Path, size: tuple[int, int]) -> GrandfPrediction:
    """Reads the prediction for one image.

    Args:
        path: `{name: {"phrases": [...], "pred_masks": [...]}}`, or the inner object alone; a
            caption is not needed.
        size: Height and width of the image.

    Returns:
        The prediction.

    Raises:
        InputError: If the file is broken or a mask does not fit its image.
    """
    where = str(path)
    content = read_json(path)
    if isinstance(content, Mapping):
        first = next(iter(content.values()), None)
        content = first if isinstance(first, Mapping) and "phrases" in first else content
    phrases, masks = (
        need_list(need(content, key, where), key, where) for key in ("phrases", "pred_masks")
    )
    return GrandfPrediction(
        _texts(phrases, "phrases", where),
        [read_rle(one, size, f"{where} pred_masks {number}") for number, one in enumerate(masks)],
    )


def _read_captions(
    path: Path, sizes: Mapping[Identity, tuple[int, int]]
) -> tuple[set[Identity], dict[Identity, list[str]]]:
    """The images to evaluate, and the phrases of the first caption of each."""
    content = read_json(path)
    captioned: set[Identity] = set()
    for identity, _, where in _images(content, path):
        if identity not in sizes:
            fix = "give masks and captions of one release and split"
            raise InputError(f"image {identity} is not in the file of masks", where=where, fix=fix)
        captioned.add(identity)
    phrases: dict[Identity, list[str]] = {}
    for one, where in _annotations(content, path):
        labels = need_list(need(one, "labels", where), "labels", where)
        phrases.setdefault(_known(one, captioned, where), _texts(labels, "labels", where))
    return captioned, phrases


def _images(content: Any, path: Path) -> Iterator[tuple[Identity, Mapping[str, Any], str]]:
    seen: set[Identity] = set()
    entries = need_list(need(content, "images", str(path)), "images", str(path))
    for number, one in enumerate(entries):
        where = f"{path} images entry {number}"
        identity = need(one, "id", where)
        if isinstance(identity, bool) or not isinstance(identity, int | str):
            raise InputError(f"id is {identity!r}", where=where, fix="write a name or a number")
        if identity in seen:
            raise InputError(f"id {identity} occurs twice", where=where, fix="keep one of them")
        seen.add(identity)
        yield identity, one, where


def _annotations(content: Any, path: Path) -> Iterator[tuple[Mapping[str, Any], str]]:
    entries = need_list(need(content, "annotations", str(path)), "annotations", str(path))
    for number, one in enumerate(entries):
        yield one, f"{path} annotations entry {number}"


def _ordered(identities: Collection[Identity], path: Path) -> list[Identity]:
    """As the official code sorts them, which decides between equal scores."""
    if len({type(one) for one in identities}) > 1:
        fix = "use names or numbers throughout"
        raise InputError("some image ids are names, some numbers", where=str(path), fix=fix)
    return sorted(identities)


def _known(entry: Mapping[str, Any], images: Collection[Identity], where: str) -> Identity:
    image: Identity = need(entry, "image_id", where)
    if not isinstance(image, int | str) or image not in images:
        fix = f"the file has {len(images)} images: {sample(map(str, images))}"
        raise InputError(f"image_id {image!r} is not an image of it", where=where, fix=fix)
    return image


def _texts(values: list[Any], what: str, where: str) -> list[str]:
    for number, one in enumerate(values):
        if not isinstance(one, str):
            raise InputError(f"{what} entry {number} is {one!r}", where=where, fix="write text")
    return values
