"""Pascal Context semantic segmentation with 59, 60 or 459 classes (Mottaghi et al., CVPR 2014).

The 59 classes have the labels 1 to 59 in the order of their numbers among the 459; 0 is the rest,
which does not count with 59 classes and is class 0 with 60. Published maps of the 59 have different
sources (mmsegmentation, ODISE: detail; FCN, OVSeg: mat), which option `truth` names.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError, UserError
from openseg_evals import rle
from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.semantic import (
    LabelledPicture,
    ReadLabels,
    SemanticDataset,
    read_split,
)
from openseg_evals.dataset_kinds.vocabulary import NAMES, choose_names, read_vocabulary
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.files import need, need_list, need_number, need_text, read_json
from openseg_evals.formats.masks import need_size, read_rle
from openseg_evals.samples import DataFile, Dataset

OPTIONS = {
    "split": Option("val", "train (4998) or val (5105)"),
    "classes": Option("59", "59, 60 with background, 459", ("59", "60", "459")),
    "truth": Option(
        "",
        "detail: trainval_merged.json of PASCAL in Detail, the default of 59 and 60; png: its maps "
        "as mmsegmentation converts them; mat: the 459 classes, of which 59 are kept by name",
        ("", "detail", "png", "mat"),
    ),
    "names": NAMES,
}

_VOC = (
    "VOCtrainval_03-May-2010.tar from http://host.robots.ox.ac.uk/pascal/VOC/voc2010/ "
    "and give the folder VOCdevkit/VOC2010"
)
_MAT = "trainval.tar.gz from https://cs.stanford.edu/~roozbeh/pascal-context/"
_DETAIL = "trainval_merged.json from https://github.com/zhanghang1989/detail-api"
_PNG = "it by mmsegmentation's tools/dataset_converters/pascal_context.py"

Pictures = tuple[list[LabelledPicture], ReadLabels | None]


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: `VOCdevkit/VOC2010`, with the annotations in it.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("pascal_context", OPTIONS, options)
    classes, split = chosen["classes"], chosen["split"]
    truth = chosen["truth"] or ("mat" if classes == "459" else "detail")
    if classes == "459" and truth != "mat":
        raise UserError(
            f"truth={truth} has no 459 classes", where="data set pascal_context", fix="use mat"
        )
    vocabulary = read_vocabulary(f"pascal_context_{'459' if classes == '459' else '59'}")
    if classes == "59":
        vocabulary = vocabulary.without(0)
    pictures, read = _TRUTHS[truth](folder, split, classes)
    return SemanticDataset(
        f"pascal_context-{classes}-{split}-{truth}",
        pictures,
        choose_names(vocabulary, chosen["names"]),
        zero="class" if classes == "60" else "unlabelled",
        ignore=65535 if classes == "459" else 255,
        background=0 if classes == "60" else None,
        read=read,
    )


def _png(folder: Path, split: str, _classes: str) -> Pictures:
    listed = find_file(folder, DataFile(f"ImageSets/SegmentationContext/{split}.txt", _PNG))
    maps = find_file(folder, DataFile("SegmentationClassContext", _PNG))
    images = find_file(folder, DataFile("JPEGImages", _VOC))
    stems = read_split(listed)
    return [LabelledPicture(one, images / f"{one}.jpg", maps / f"{one}.png") for one in stems], None


def _mat(folder: Path, split: str, classes: str) -> Pictures:
    listed = find_file(
        folder,
        DataFile(f"ImageSets/SegmentationContext/{split}.txt", _VOC),
        DataFile(f"pascalcontext_{split}.txt", _VOC),
        DataFile(f"ImageSets/Main/{split}.txt", _VOC),
    )
    maps = find_file(folder, DataFile("trainval", _MAT))
    images = find_file(folder, DataFile("JPEGImages", _VOC))
    table = _labels_of_459() if classes != "459" else np.arange(460)

    def read(one: LabelledPicture) -> NDArray[np.int64]:
        labels = read_label_map(one.labels)
        if labels.max(initial=0) >= len(table):
            fix = "LabelMap holds 0 to 459; get the file again"
            raise InputError(f"holds label {labels.max()}", where=str(one.labels), fix=fix)
        return table[labels]

    stems = read_split(listed)
    return [LabelledPicture(one, images / f"{one}.jpg", maps / f"{one}.mat") for one in stems], read


def _detail(folder: Path, split: str, _classes: str) -> Pictures:
    path = find_file(folder, DataFile("trainval_merged.json", _DETAIL))
    images = find_file(folder, DataFile("JPEGImages", _VOC))
    where, content = str(path), read_json(path)
    tables = {
        key: need_list(need(content, key, where), key, where)
        for key in ("images", "annos_segmentation")
    }
    entries = {
        Path(need_text(one, "file_name", where)).stem: one
        for one in tables["images"]
        if need(one, "phase", where) == split
    }
    if not entries:
        raise InputError(f"has no image of split {split!r}", where=where, fix="use train or val")
    regions: dict[int, list[Any]] = {
        need_number(one, "image_id", where): [] for one in entries.values()
    }
    for one in tables["annos_segmentation"]:
        regions.get(need_number(one, "image_id", where), []).append(one)
    table = _labels_of_459()

    def read(picture: LabelledPicture) -> NDArray[np.int64]:
        """Regions in file order; where they overlap the later one stays."""
        entry = entries[picture.stem]
        size = need_size(entry, where)
        labels = np.zeros(size, dtype=np.int64)
        for one in regions[entry["image_id"]]:
            place = f"{where} annos_segmentation {one.get('id')}"
            category = need_number(one, "category_id", place)
            if not (0 < category < len(table) and table[category]):
                what = f"category {category} is not one of the 59 classes"
                raise InputError(what, where=place, fix=f"give {_DETAIL}, not another version")
            mask = read_rle(need(one, "segmentation", place), size, place)
            labels[rle.decode(mask)] = table[category]
        return labels

    return [LabelledPicture(stem, images / f"{stem}.jpg", path) for stem in sorted(entries)], read


_TRUTHS: dict[str, Callable[[Path, str, str], Pictures]] = {
    "detail": _detail,
    "png": _png,
    "mat": _mat,
}


def read_label_map(path: Path) -> NDArray[np.int64]:
    """The matrix `LabelMap` of a MATLAB file, `int64 [h, w]`.

    Raises:
        InputError: If the file is broken or holds none.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        content = loadmat(path, variable_names=["LabelMap"])
    except (
        OSError,
        ValueError,
        LookupError,  # of SciPy 1.14, for a file that is too short
        TypeError,
        NotImplementedError,
        MatReadError,
        zlib.error,
    ) as error:
        what = f"cannot be decoded: {error}"
        raise InputError(what, where=str(path), fix="unpack the archive again") from None
    if "LabelMap" not in content:
        raise InputError("holds no LabelMap", where=str(path), fix=f"it must be of {_MAT}")
    labels: NDArray[np.int64] = np.asarray(content["LabelMap"]).astype(np.int64)
    return labels


def _labels_of_459() -> NDArray[np.int64]:
    """The label among the 59 for each number among the 459, 0 for the rest, `int64 [460]`."""
    number = {one[0]: label for label, one in _classes("pascal_context_459").items()}
    table = np.zeros(len(number) + 1, dtype=np.int64)
    for label, names in _classes("pascal_context_59").items():
        if label:
            table[number[names[0]]] = label
    return table


def _classes(name: str) -> dict[int, tuple[str, ...]]:
    vocabulary = read_vocabulary(name)
    return dict(zip(vocabulary.labels, vocabulary.names, strict=True))
