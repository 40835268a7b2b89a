"""COCO 2017: instances (80 classes), panoptic and semantic (133), COCO-Stuff 164k (171).

Instances and panoptic are scored against the official files; files of one's own in the same form
work as well. The pixel maps of COCO-Stuff hold the COCO id minus one; the benchmark numbers the
171 classes that occur 0 to 170, as mmsegmentation's converter does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.instances import (
    InstanceDataset,
    category_names,
    instance_samples,
    object_tags,
)
from openseg_evals.dataset_kinds.semantic import LabelledPicture, SemanticDataset, need_files
from openseg_evals.dataset_kinds.vocabulary import (
    NAMES,
    Vocabulary,
    category_vocabulary,
    choose_names,
    read_vocabulary,
)
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.coco import read_truth
from openseg_evals.formats.files import (
    need,
    need_list,
    need_number,
    need_text,
    read_json,
    sample,
)
from openseg_evals.formats.labels import read_labels
from openseg_evals.formats.masks import need_size
from openseg_evals.formats.panoptic import (
    PanopticFile,
    PanopticImage,
    read_panoptic,
    read_segment_ids,
)
from openseg_evals.samples import DataFile, Dataset, EvalSample, Target

OPTIONS = {
    "kind": Option(
        "instances",
        "which benchmark; semantic: the panoptic segments as a map of classes",
        ("instances", "panoptic", "semantic", "stuff"),
    ),
    "split": Option("val2017", "names the official files and folders"),
    "annotations": Option("", "the annotations under the folder, if not the official ones"),
    "images": Option("", "the folder of pictures under the folder, if not the official one"),
    "names": NAMES,
}

_IMAGES = "http://images.cocodataset.org/zips/{split}.zip"
_INSTANCES = "http://images.cocodataset.org/annotations/annotations_trainval2017.zip"
_PANOPTIC = (
    "http://images.cocodataset.org/annotations/panoptic_annotations_trainval2017.zip and unpack "
    "annotations/panoptic_{split}.zip in annotations/"
)
_STUFF = (
    "stuffthingmaps_trainval2017.zip from https://github.com/nightrome/cocostuff and unpack it in "
    "stuffthingmaps/"
)
_IGNORE = 255
_CONVERTED = "_labelTrainIds"


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: The folder of COCO, with `annotations`, `val2017` and so on.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("coco", OPTIONS, options)
    split = chosen["split"]
    source = _IMAGES.format(split=split)
    places = [chosen["images"]] if chosen["images"] else [split, f"images/{split}"]
    images = find_file(folder, *(DataFile(place, source) for place in places))
    return _KINDS[chosen["kind"]](folder, images, chosen)


def _instances(folder: Path, images: Path, chosen: Mapping[str, str]) -> Dataset:
    official = f"annotations/instances_{chosen['split']}.json"
    path = find_file(folder, DataFile(chosen["annotations"] or official, _INSTANCES))
    content = read_truth(path, masks=False)
    vocabulary = _categories(content, str(path), chosen["names"])
    samples = instance_samples(
        content, str(path), vocabulary, lambda one: images / need_text(one, "file_name", str(path))
    )
    need_files([one.image for one in samples], "pictures")
    return InstanceDataset(samples, path)


class _Panoptic(NamedTuple):
    path: Path
    file: PanopticFile
    pictures: Mapping[int, Mapping[str, Any]]
    vocabulary: Vocabulary


def _read_panoptic(folder: Path, chosen: Mapping[str, str]) -> _Panoptic:
    split = chosen["split"]
    official = DataFile(
        chosen["annotations"] or f"annotations/panoptic_{split}.json", _PANOPTIC.format(split=split)
    )
    path = find_file(folder, official)
    where, file = str(path), read_panoptic(path, truth=True)
    content = read_json(path)
    pictures = {
        need_number(one, "id", where): one
        for one in need_list(need(content, "images", where), "images", where)
    }
    lost = {one.image_id for one in file.images} - pictures.keys()
    if lost:
        raise InputError(f"images {sample(lost)} are not listed", where=where, fix="get it again")
    used = {segment["category_id"] for one in file.images for segment in one.segments}
    if used - file.categories.keys():
        what = f"categories {sample(used - file.categories.keys())} are not listed"
        raise InputError(what, where=where, fix="get it again")
    return _Panoptic(path, file, pictures, _categories(content, where, chosen["names"]))


def _panoptic(folder: Path, images: Path, chosen: Mapping[str, str]) -> Dataset:
    content = _read_panoptic(folder, chosen)
    stuff = frozenset(key for key, thing in content.file.categories.items() if not thing)
    samples = [
        _panoptic_sample(one, content.pictures[one.image_id], images, content.vocabulary, stuff)
        for one in content.file.images
    ]
    need_files([one.image for one in samples], "pictures")
    return InstanceDataset(samples, content.path)


def _semantic(folder: Path, images: Path, chosen: Mapping[str, str]) -> Dataset:
    """Classes are numbered from 0 in the order of the categories, the rest is 255.

    Source: Mask2Former's prepare_coco_semantic_annos_from_panoptic_annos.py.
    """
    content = _read_panoptic(folder, chosen)
    label_of = {category: label for label, category in enumerate(content.vocabulary.labels)}
    if len(label_of) > _IGNORE:
        what = f"has {len(label_of)} categories"
        raise InputError(what, where=str(content.path), fix=f"at most {_IGNORE} have a label")
    entries = {one.png: one for one in content.file.images}

    def read(one: LabelledPicture) -> NDArray[np.int64]:
        ids = read_segment_ids(entries[one.labels], complete=False)
        labels = np.full(ids.shape, _IGNORE, dtype=np.int64)
        for segment in entries[one.labels].segments:
            labels[ids == segment["id"]] = label_of[segment["category_id"]]
        return labels

    names = (
        need_text(content.pictures[one.image_id], "file_name", one.where)
        for one in entries.values()
    )
    return SemanticDataset(
        f"coco_semantic-{len(label_of)}-{chosen['split']}",
        [
            LabelledPicture(Path(name).stem, images / name, png)
            for name, png in zip(names, entries, strict=True)
        ],
        replace(content.vocabulary, labels=tuple(label_of.values())),
        zero="class",
        ignore=_IGNORE,
        read=read,
    )


def _panoptic_sample(
    entry: PanopticImage,
    picture: Mapping[str, Any],
    images: Path,
    vocabulary: Vocabulary,
    stuff: frozenset[int],
) -> EvalSample:
    objects = [one for one in entry.segments if not one["iscrowd"]]
    things = [one for one in objects if one["category_id"] not in stuff]
    return EvalSample(
        id=str(entry.image_id),
        unit=str(entry.image_id),
        image=images / need_text(picture, "file_name", entry.where),
        size=need_size(picture, entry.where),
        phrases=vocabulary.phrases,
        class_ids=vocabulary.class_ids,
        stuff=stuff,
        key={"image_id": entry.image_id},
        tags=object_tags(things, entry.where),
        targets=partial(_segments, entry, objects, vocabulary.first_phrase),
    )


def _segments(
    entry: PanopticImage, objects: list[Mapping[str, Any]], places: Mapping[int, int]
) -> list[Target]:
    ids = read_segment_ids(entry, complete=False)
    return [Target(places[one["category_id"]], rle.encode(ids == one["id"])) for one in objects]


def _stuff(folder: Path, images: Path, chosen: Mapping[str, str]) -> Dataset:
    split = chosen["split"]
    places = [f"stuffthingmaps/{split}", f"annotations/{split}"]
    places = [chosen["annotations"]] if chosen["annotations"] else places
    maps = find_file(folder, *(DataFile(place, _STUFF) for place in places))
    files = sorted(one for one in maps.glob("*.png") if not one.stem.endswith(_CONVERTED))
    if not files:
        raise InputError("holds no PNG file", where=str(maps), fix=f"get {_STUFF}")
    vocabulary = read_vocabulary("coco_stuff")
    table = np.full(_IGNORE + 1, _IGNORE, dtype=np.int64)
    table[list(vocabulary.source_ids)] = vocabulary.labels

    def read(one: LabelledPicture) -> NDArray[np.int64]:
        labels = read_labels(one.labels)
        odd = set(np.unique(labels).tolist()) - {*vocabulary.source_ids, _IGNORE}
        if odd:
            what = f"holds values {sample(odd)}, which are no classes of COCO-Stuff"
            raise InputError(what, where=str(one.labels), fix=f"get {_STUFF}")
        return table[labels]

    return SemanticDataset(
        f"coco_stuff-171-{split}",
        [LabelledPicture(one.stem, images / f"{one.stem}.jpg", one) for one in files],
        choose_names(vocabulary, chosen["names"]),
        zero="class",
        ignore=_IGNORE,
        read=read,
    )


_KINDS: dict[str, Callable[[Path, Path, Mapping[str, str]], Dataset]] = {
    "instances": _instances,
    "panoptic": _panoptic,
    "semantic": _semantic,
    "stuff": _stuff,
}


def _categories(content: Mapping[str, Any], where: str, names: str) -> Vocabulary:
    return choose_names(category_vocabulary(category_names(content, where)), names)
