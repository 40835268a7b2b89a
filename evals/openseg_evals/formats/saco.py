"""SA-Co's files: COCO files whose `images` are pairs of an image and a noun phrase.

SA-Co/Gold has three annotators, a file each (`gold_<subset>_merged_{a,b,c}_release_test.json`).
Only pairs in which every instance was annotated, by everybody, are scored. Boxes and areas are
normalised and not used. Source: SAM 3 `scripts/eval/gold/README.md`, `cgf1_eval.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.coco import read_results
from openseg_evals.formats.files import need, need_list, need_number, read_json, sample
from openseg_evals.formats.masks import need_size, read_union


class SacoFile(NamedTuple):
    """The work of one annotator.

    Attributes:
        path: The file.
        pairs: Its pairs by id, in file order: `text_input`, `file_name`, `height`, `width`, ...
        masks: Masks of the instances of each pair, crowds left out; no entry without any.
        categories: The categories; SA-Co has one, which means nothing.
    """

    path: Path
    pairs: dict[int, dict[str, Any]]
    masks: dict[int, list[rle.RLE]]
    categories: list[dict[str, Any]]

    def size(self, pair: int) -> tuple[int, int]:
        """Height and width of the image of a pair."""
        return pair_size(self.pairs[pair], f"{self.path} pair {pair}")


def list_files(gt: Path, subset: str = "") -> list[Path]:
    """The annotators' files, in the order of their names.

    Args:
        gt: A file, or a folder of JSON files.
        subset: Part of the names of a folder's files; all by default.

    Raises:
        InputError: If there is none.
    """
    if gt.is_file():
        return [gt]
    found = sorted(one for one in gt.glob("*.json") if subset in one.name)
    if not found:
        what = f"holds no {subset + ' ' if subset else ''}annotation"
        fix = "give one subset's JSON, or the folder of its annotators' JSON files"
        raise InputError(what, where=str(gt), fix=fix)
    return found


def read_saco(path: Path) -> SacoFile:
    """Reads the file of one annotator.

    Args:
        path: The JSON.

    Returns:
        Its pairs and masks.

    Raises:
        InputError: If the file is missing or broken, an id is unknown or used twice, or a mask
            does not fit its image.
    """
    where = str(path)
    content = read_json(path)
    images, annotations, categories = (
        need_list(need(content, key, where), key, where)
        for key in ("images", "annotations", "categories")
    )
    pairs: dict[int, dict[str, Any]] = {}
    for one in images:
        identity = need_number(one, "id", where)
        if identity in pairs:
            raise InputError(f"pair {identity} occurs twice", where=where, fix="keep one of them")
        need(one, "is_instance_exhaustive", f"{where} pair {identity}")
        pairs[identity] = one
    masks: defaultdict[int, list[rle.RLE]] = defaultdict(list)
    for number, one in enumerate(annotations):
        place = f"{where} annotations entry {number}"
        pair = need_number(one, "image_id", place)
        if pair not in pairs:
            fix = f"the file has {len(pairs)} pairs: {sample(pairs)}"
            raise InputError(f"image_id {pair} is not a pair of the file", where=place, fix=fix)
        if not one.get("iscrowd", 0):
            size = pair_size(pairs[pair], f"{where} pair {pair}")
            masks[pair].append(read_union(need(one, "segmentation", place), size, place))
    return SacoFile(path, pairs, dict(masks), categories)


def pair_size(pair: Mapping[str, Any], where: str) -> tuple[int, int]:
    """Height and width of the image of a pair."""
    return need_size(pair, where)


def exhaustive_pairs(files: Sequence[SacoFile]) -> list[int]:
    """Pairs of the first file in which every annotator says that all instances are annotated.

    Args:
        files: One an annotator.

    Returns:
        Their ids, in the order of the first file.

    Raises:
        InputError: If an annotator lacks a pair or has another size for it, or no pair is left.
    """
    first, others = files[0], files[1:]
    kept = [
        pair
        for pair, one in first.pairs.items()
        if one["is_instance_exhaustive"]
        and all(other.pairs.get(pair, one)["is_instance_exhaustive"] for other in others)
    ]
    for other in others:
        lost = [pair for pair in kept if pair not in other.pairs]
        if lost:
            what = f"lacks {len(lost)} pairs of {first.path.name}: {sample(lost)}"
            fix = "give one subset's annotators; in a folder of several, --set subset=NAME"
            raise InputError(what, where=str(other.path), fix=fix)
        for pair in kept:
            if first.size(pair) != other.size(pair):
                what = f"pair {pair} has another size than in {first.path.name}"
                fix = "give annotators of the same release"
                raise InputError(what, where=str(other.path), fix=fix)
    if not kept:
        fix = "pairs are scored where is_instance_exhaustive is 1 in every annotator's file"
        raise InputError("has no pair that can be scored", where=str(first.path), fix=fix)
    return kept


def read_predictions(path: Path, files: Sequence[SacoFile]) -> dict[int, list[dict[str, Any]]]:
    """Reads COCO results whose `image_id` is the id of a pair.

    Args:
        path: A JSON list, or JSON lines.
        files: The truth.

    Returns:
        The results of each pair in file order, with compressed masks.

    Raises:
        InputError: As `read_results`.
    """
    pairs = {pair: one for file in reversed(files) for pair, one in file.pairs.items()}
    known = {"images": list(pairs.values()), "categories": files[0].categories}
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in read_results(path, known):
        found[one["image_id"]].append(one)
    return dict(found)
