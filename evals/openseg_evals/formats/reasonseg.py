"""ReasonSeg's files: for each image a JSON of polygons drawn over one another.

Polygons are filled from the largest to the smallest, so a small "ignore" region can lie in a
target. Outlines count as inside, as OpenCV draws them. Source: LISA `data_processing.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError, MissingExtraError
from openseg_evals.formats.files import need, need_list, parse_json, read_bytes
from openseg_evals.formats.labels import read_size

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGET = 1
IGNORED = 255


class ReasonSegSample(NamedTuple):
    """One image.

    Attributes:
        name: File name without ending.
        mask: 1 for the target, 255 where pixels do not count, `uint8 [h, w]`.
        text: The questions or phrases; the first is the one that is evaluated.
        is_sentence: Whether they are questions rather than phrases.
    """

    name: str
    mask: NDArray[np.uint8]
    text: tuple[str, ...]
    is_sentence: bool


class ReasonSegQuestion(NamedTuple):
    """What is asked of one image.

    Attributes:
        text: The questions or phrases; the first is the one that is evaluated.
        is_sentence: Whether they are questions rather than phrases.
        size: Height and width of the picture.
    """

    text: tuple[str, ...]
    is_sentence: bool
    size: tuple[int, int]


def list_samples(folder: Path) -> list[Path]:
    """The JSON files of a folder that have a picture beside them.

    Raises:
        InputError: If there is none.
    """
    found = sorted(one for one in folder.glob("*.json") if one.with_suffix(".jpg").is_file())
    if not found:
        fix = "give a split's folder: each <name>.json with its <name>.jpg"
        raise InputError("holds no ReasonSeg sample", where=str(folder), fix=fix)
    return found


def read_question(path: Path) -> ReasonSegQuestion:
    """Reads what is asked of one image, without drawing its mask; as `read_sample`."""
    return _question(_read_entry(path), path)


def read_sample(path: Path) -> ReasonSegSample:
    """Reads one image's annotation.

    Args:
        path: The JSON; the picture, whose size is needed, lies beside it.

    Returns:
        The sample.

    Raises:
        InputError: If a file is missing or broken.
        MissingExtraError: If OpenCV, whose polygons are the official ones, is not installed.
    """
    where = str(path)
    entry = _read_entry(path)
    shapes = [
        (
            str(need(one, "label", where)).lower(),
            need_list(need(one, "points", where), "points", where),
        )
        for one in need_list(need(entry, "shapes", where), "shapes", where)
    ]
    asked = _question(entry, path)
    drawn = [one for one in shapes if one[0] != "flag"]
    return ReasonSegSample(
        path.stem, _draw(drawn, *asked.size, where), asked.text, asked.is_sentence
    )


def _read_entry(path: Path) -> Any:
    content = read_bytes(path)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return parse_json(text.encode(), str(path))


def _question(entry: Any, path: Path) -> ReasonSegQuestion:
    phrases = need(entry, "text", str(path))
    if not isinstance(phrases, str):
        phrases = need_list(phrases, "text", str(path))
    return ReasonSegQuestion(
        text=tuple([phrases] if isinstance(phrases, str) else map(str, phrases)),
        is_sentence=bool(entry.get("is_sentence", False)),
        size=read_size(path.with_suffix(".jpg")),
    )


def _draw(
    shapes: Sequence[tuple[str, Any]], height: int, width: int, where: str
) -> NDArray[np.uint8]:
    try:
        import cv2
    except ImportError:
        fix = "pip install 'openseg[evals]'"
        raise MissingExtraError("ReasonSeg's polygons need OpenCV", where=where, fix=fix) from None

    def fill(mask: NDArray[np.uint8], points: Any, value: int) -> NDArray[np.uint8]:
        outline = [np.array(points, dtype=np.int32)]
        cv2.polylines(mask, outline, True, value, 1)
        cv2.fillPoly(mask, outline, value)
        return mask

    blank = np.zeros((height, width), dtype=np.uint8)
    try:
        areas = [int(fill(blank.copy(), points, 1).sum()) for _, points in shapes]
        for place in np.argsort(areas)[::-1]:
            label, points = shapes[place]
            fill(blank, points, IGNORED if "ignore" in label else TARGET)
    except (cv2.error, ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"holds a broken polygon: {error}", where=where, fix="points are pairs of numbers"
        ) from None
    return blank
