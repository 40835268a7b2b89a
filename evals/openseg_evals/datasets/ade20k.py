"""ADE20K semantic segmentation with 150 or 847 classes (Zhou et al., CVPR 2017).

With 150 classes the maps of the scene parsing challenge are scored as they are: 0 unlabelled, 1 to
150 the classes. With 847 the benchmark is defined by MaskFormer's preparation of the full data set:
pictures and maps are shrunk until the shorter side is 512, classes are numbered 0 to 846 and the
rest is 65535. Its files are read where they lie prepared, and made under `prepared` where not.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openseg.io.files import write_atomic
from openseg.types.errors import InputError, MissingExtraError
from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.semantic import (
    LabelledPicture,
    SemanticDataset,
    need_files,
)
from openseg_evals.dataset_kinds.vocabulary import NAMES, choose_names, read_vocabulary
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.labels import read_labels, read_picture
from openseg_evals.samples import DataFile, Dataset

OPTIONS = {
    "split": Option("validation", "training or validation (2000)", ("training", "validation")),
    "classes": Option("150", "150 of the challenge, 847 of the full data set", ("150", "847")),
    "prepared": Option(
        "", "847 classes: folder for shrunken pictures and maps, if they do not lie there prepared"
    ),
    "names": NAMES,
}

_CHALLENGE = (
    "http://data.csail.mit.edu/places/ADEchallenge/ADEChallengeData2016.zip "
    "and give the folder ADEChallengeData2016"
)
_FULL = (
    "ADE20K_2021_17_01 from https://groups.csail.mit.edu/vision/datasets/ADE20K/ (an account is "
    "needed) and give its folder"
)
_SHORTER_SIDE = 512
_IGNORE = 65535


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: `ADEChallengeData2016` for 150 classes, `ADE20K_2021_17_01` for 847.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
        MissingExtraError: If pictures have to be shrunk and OpenCV is not installed.
    """
    chosen = resolve_options("ade20k", OPTIONS, options)
    split, full = chosen["split"], chosen["classes"] == "847"
    vocabulary = choose_names(read_vocabulary(f"ade20k_{chosen['classes']}"), chosen["names"])
    if not full:
        images = find_file(folder, DataFile(f"images/{split}", _CHALLENGE))
        maps = find_file(folder, DataFile(f"annotations/{split}", _CHALLENGE))
        return SemanticDataset(
            f"ade20k-150-{split}",
            _pictures(images, maps, "png"),
            vocabulary,
            zero="unlabelled",
            ignore=255,
        )
    images, maps = _prepared(folder, chosen["prepared"], split)
    return SemanticDataset(
        f"ade20k-847-{split}",
        _pictures(images, maps, "tif"),
        vocabulary,
        zero="class",
        ignore=_IGNORE,
        read=lambda one: read_labels(one.labels),
    )


def _pictures(images: Path, maps: Path, ending: str) -> list[LabelledPicture]:
    files = sorted(maps.glob(f"*.{ending}"))
    if not files:
        raise InputError(
            f"holds no .{ending} file", where=str(maps), fix="unpack the archive again"
        )
    return [LabelledPicture(one.stem, images / f"{one.stem}.jpg", one) for one in files]


def _prepared(folder: Path, prepared: str, split: str) -> tuple[Path, Path]:
    """The folders of prepared pictures and maps, made if they are not there."""
    places = f"images_detectron2/{split}", f"annotations_detectron2/{split}"
    if all((folder / one).is_dir() for one in places):
        return folder / places[0], folder / places[1]
    if not prepared:
        fix = "set the option prepared=FOLDER: they are made there from images/ADE"
        raise InputError(f"there is no {places[0]}", where=str(folder), fix=fix)
    images, maps = (Path(prepared) / one for one in places)
    raw = find_file(folder, DataFile(f"images/ADE/{split}", _FULL))
    files = sorted(raw.rglob("*.jpg"))
    need_files(files or [raw / "*.jpg"], "pictures")
    for file in files:
        _prepare(file, images / file.name, maps / f"{file.stem}.tif")
    return images, maps


def _prepare(source: Path, picture: Path, label_map: Path) -> None:
    """Shrinks a picture and its map as MaskFormer's preparation does; what is there is kept."""
    if picture.exists() and label_map.exists():
        return
    colours = source.with_name(f"{source.stem}_seg.png")
    pixels, codes = _pixels(source), _pixels(colours).astype(np.int32)
    if codes.ndim != 3 or codes.shape[:2] != pixels.shape[:2]:
        fix = f"it must be the coloured map of {source.name}, of the same size"
        raise InputError(f"has the shape {codes.shape}", where=str(colours), fix=fix)
    classes = codes[..., 0] // 10 * 256 + codes[..., 1]
    height, width = classes.shape
    if min(height, width) > _SHORTER_SIDE:
        size = _shrunken(height, width)
        pixels, classes = _resize(pixels, size, smooth=True), _resize(classes, size, smooth=False)
    vocabulary = read_vocabulary("ade20k_847")
    table = np.full(1 << 16, _IGNORE, dtype=np.uint16)
    table[list(vocabulary.source_ids)] = vocabulary.labels
    write_atomic(picture, _encode(pixels, "jpeg"))
    write_atomic(label_map, _encode(table[classes], "tiff"))


def _shrunken(height: int, width: int) -> tuple[int, int]:
    """Height and width whose shorter side is 512."""
    if width >= height:
        return _SHORTER_SIDE, round(width / height * _SHORTER_SIDE)
    return round(height / width * _SHORTER_SIDE), _SHORTER_SIDE


def _resize(image: NDArray[Any], size: tuple[int, int], *, smooth: bool) -> NDArray[Any]:
    try:
        import cv2
    except ImportError:
        what = "shrinking ADE20K's pictures needs OpenCV"
        raise MissingExtraError(what, fix="pip install 'openseg[evals]'") from None
    how = cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(image, size[::-1], interpolation=how))


def _pixels(path: Path) -> NDArray[np.uint8]:
    need_files([path], "files")
    return np.asarray(read_picture(path))


def _encode(image: NDArray[Any], kind: str) -> bytes:
    """As Pillow writes it by default, which is what the official preparation does."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format=kind)
    return buffer.getvalue()
