"""RefCOCO's files: `refs(<by>).p` and `grefs(<by>).json`, with `instances.json` beside them.

Format: Kazemzadeh et al., 2014; Yu et al., 2016; https://github.com/lichengunc/refer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.formats.files import (
    need,
    need_list,
    need_number,
    read_bytes,
    read_json,
    sample,
)
from openseg_evals.formats.masks import need_size
from openseg_evals.plain_pickle import read_plain_pickle

INSTANCES = "instances.json"

_NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Referral:
    """One entry of a refs file: an object, or a set of objects, and what people call it.

    Attributes:
        ref_id: Its id.
        image_id: The image.
        ann_ids: Annotations of the targets; none for an expression without target.
        split: Name of the split.
        sentences: Ids and raw texts.
        cleaned: The same texts in lower case without punctuation, where the file has them.
        tags: What the file says of each sentence beside its texts, by name.
    """

    ref_id: int
    image_id: int
    ann_ids: tuple[int, ...]
    split: str
    sentences: tuple[tuple[int, str], ...]
    cleaned: tuple[str, ...]
    tags: tuple[Mapping[str, str], ...] = field(hash=False)


@dataclass(frozen=True)
class ReferData:
    """A refs file and its instances.

    Attributes:
        refs: The referrals in file order.
        images: Height, width and the rest of each image, by id.
        annotations: COCO annotations by id.
        categories: Names of the annotations' categories by id; empty if the file has none.
        refs_file: Where the referrals were read.
    """

    refs: Sequence[Referral]
    images: Mapping[int, Mapping[str, Any]]
    annotations: Mapping[int, Mapping[str, Any]]
    categories: Mapping[int, str]
    refs_file: Path

    @cached_property
    def instances_file(self) -> str:
        """Where the images and annotations were read."""
        return str(self.refs_file.parent / INSTANCES)

    def split(self, name: str) -> list[Referral]:
        """The referrals of a split, by the rules of the official reader.

        Args:
            name: `all`, or a split. `testA`, `testB` and `testC` also take splits that name
                several (`testAB`); `test` takes every split whose name contains it.

        Raises:
            InputError: If there is none.
        """
        if name == "all":
            return list(self.refs)
        found = [one for one in self.refs if _belongs(one.split, name)]
        if not found:
            there = ", ".join(sorted({one.split for one in self.refs}))
            raise InputError(
                f"no split {name!r}", where=str(self.refs_file), fix=f"its splits are: {there}"
            )
        return found

    def only(self, refs: Sequence[Referral]) -> ReferData:
        """The data set without the images and annotations that none of the referrals needs."""
        return replace(
            self,
            refs=refs,
            images={one.image_id: self.images[one.image_id] for one in refs},
            annotations={ann: self.annotations[ann] for one in refs for ann in one.ann_ids},
        )

    def size(self, ref: Referral) -> tuple[int, int]:
        """Height and width of a referral's image."""
        image = self.images[ref.image_id]
        where = f"{self.instances_file} image {ref.image_id}"
        return need_size(image, where)


def read_refer(path: Path, *, by: str = "") -> ReferData:
    """Reads a data set of referring expressions.

    Args:
        path: The refs file, or its folder.
        by: Which of several refs files in a folder (`unc`, `umd`, `google`).

    Returns:
        The data set; every referral's image and annotations exist.

    Raises:
        InputError: If a file is missing, broken, or the two do not fit together.
    """
    refs_file = _refs_file(path, by)
    instances_file = refs_file.parent / INSTANCES
    where = str(instances_file)
    instances = read_json(instances_file)
    if not isinstance(instances, dict):
        raise InputError("is not a COCO data set", where=where, fix="it must be a JSON object")
    images, annotations = (
        {
            need_number(one, "id", where): one
            for one in need_list(need(instances, key, where), key, where)
        }
        for key in ("images", "annotations")
    )
    if refs_file.suffix == ".json":
        content = read_json(refs_file)
    else:
        content = read_plain_pickle(read_bytes(refs_file), str(refs_file))
    entries = need_list(content, "the file", str(refs_file))
    refs = [_referral(one, f"{refs_file} entry {n}") for n, one in enumerate(entries)]
    _check(refs, images, annotations, refs_file)
    names = need_list(instances.get("categories", []), "categories", where)
    categories = {need_number(one, "id", where): str(need(one, "name", where)) for one in names}
    return ReferData(refs, images, annotations, categories, refs_file)


def _refs_file(path: Path, by: str) -> Path:
    if not path.is_dir():
        return path
    pattern = f"*refs({by or '*'}).*"
    found = [one for one in sorted(path.glob(pattern)) if one.suffix in {".p", ".json"}]
    if len(found) == 1:
        return found[0]
    if not found:
        name = f"refs({by}).p" if by else "refs(...).p or grefs(...).json"
        raise InputError(f"holds no {name}", where=str(path), fix="give the folder that does")
    names = ", ".join(one.name for one in found)
    raise InputError(f"holds {names}", where=str(path), fix="give one of these files")


def _referral(entry: Any, where: str) -> Referral:
    targets = need(entry, "ann_id", where)
    targets = targets if isinstance(targets, list) else [targets]
    if not all(isinstance(one, int) for one in targets):
        raise InputError(f"ann_id is {targets!r}", where=where, fix="write whole numbers")
    sentences = need_list(need(entry, "sentences", where), "sentences", where)
    return Referral(
        ref_id=need_number(entry, "ref_id", where),
        image_id=need_number(entry, "image_id", where),
        ann_ids=() if targets == [-1] else tuple(targets),
        split=str(need(entry, "split", where)),
        sentences=tuple(
            (need_number(one, "sent_id", where), str(one.get("raw", one.get("sent", ""))))
            for one in sentences
        ),
        cleaned=tuple(str(one.get("sent", one.get("raw", ""))) for one in sentences),
        tags=tuple(_tags(one) for one in sentences),
    )


def _tags(sentence: Mapping[str, Any]) -> Mapping[str, str]:
    tags = sentence.get("tags")
    if not isinstance(tags, Mapping):
        return _NO_TAGS
    return {name: value for name, value in tags.items() if isinstance(value, str)}


def _check(
    refs: Sequence[Referral],
    images: Mapping[int, Any],
    annotations: Mapping[int, Any],
    refs_file: Path,
) -> None:
    fix = f"take {refs_file.name} and {INSTANCES} from one download"
    lost = {one.image_id for one in refs} - images.keys()
    if lost:
        what = f"names images that {INSTANCES} lacks: {sample(lost)}"
        raise InputError(what, where=str(refs_file), fix=fix)
    gone = {ann for one in refs for ann in one.ann_ids} - annotations.keys()
    if gone:
        what = f"names annotations that {INSTANCES} lacks: {sample(gone)}"
        raise InputError(what, where=str(refs_file), fix=fix)
    twice = list(_repeated(sent for one in refs for sent, _ in one.sentences))
    if twice:
        what = f"sentence ids occur twice: {sample(twice)}"
        raise InputError(what, where=str(refs_file), fix="number the sentences uniquely")


def _repeated(ids: Iterable[int]) -> Iterator[int]:
    seen: set[int] = set()
    for one in ids:
        if one in seen:
            yield one
        seen.add(one)


def _belongs(split: str, name: str) -> bool:
    if name in {"testA", "testB", "testC"}:
        return name[-1] in split
    return name in split if name == "test" else split == name
