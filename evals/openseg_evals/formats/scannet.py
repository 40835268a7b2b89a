"""ScanNet's evaluation files: one integer a vertex, and lists of predicted instances.

A list is `<scene>.txt` with lines `relative/mask.txt label_id confidence`; a mask is one integer a
vertex, not zero inside the instance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.formats.files import read_bytes, sample

_ZERO, _NEWLINE = ord("0"), ord("\n")
_DIGITS = 18
_RESULTS = {"semantic_instance_evaluation.txt", "semantic_label_evaluation.txt"}


@dataclass(frozen=True)
class ListedInstance:
    """One line of a list: where the mask is, its label, its confidence, and the line's place."""

    mask: Path
    label: int
    score: float
    where: str


def paired_scenes(truth: Path, prediction: Path, missing: str) -> list[tuple[Path, Path | None]]:
    """The scenes of two folders of `<scene>.txt`, in order of name.

    Args:
        truth: Folder of the truth.
        prediction: Folder of the predictions; the official scripts' own result files are passed
            over.
        missing: A scene without prediction: `error`, `empty`, or `skip`.

    Returns:
        Truth and prediction, None where there is none.

    Raises:
        InputError: If a folder is missing or empty, a prediction has no truth, or a scene has no
            prediction and `missing` is `error`.
    """
    ours, theirs = _scenes(truth), _scenes(prediction)
    if theirs - ours:
        what = f"{len(theirs - ours)} scenes have no truth: {sample(theirs - ours)}"
        raise InputError(what, where=str(prediction), fix=f"the truth is {truth}; remove them")
    if ours - theirs and missing == "error":
        what = f"{len(ours - theirs)} of {len(ours)} scenes are missing: {sample(ours - theirs)}"
        fix = "write a file for each, or choose --set missing=skip or empty"
        raise InputError(what, where=str(prediction), fix=fix)
    kept = theirs if missing == "skip" else ours
    return [(truth / name, prediction / name if name in theirs else None) for name in sorted(kept)]


def read_integers(path: Path) -> NDArray[np.int64]:
    """Reads one integer a line.

    Args:
        path: The file.

    Returns:
        `int64 [n]`.

    Raises:
        InputError: If it is missing, empty, or a line is not an integer.
    """
    content = read_bytes(path)
    if not content:
        raise InputError("is empty", where=str(path), fix="write one integer a vertex")
    if content[-1] != _NEWLINE:
        content += b"\n"
    found = _parse(np.frombuffer(content, dtype=np.uint8))
    return found if found is not None else _parse_lines(content.splitlines(), path)


def read_instances(path: Path) -> list[ListedInstance]:
    """Reads the list of one scene.

    Args:
        path: `<scene>.txt`; its masks lie in its folder or below.

    Returns:
        The instances in order; of a mask that is listed twice, the last line at the place of the
        first, as in the official script.

    Raises:
        InputError: If a line is broken or a mask lies outside the folder.
    """
    root = path.parent.resolve()
    listed: dict[Path, ListedInstance] = {}
    for number, line in enumerate(read_bytes(path).decode(errors="replace").splitlines(), 1):
        where = f"{path}:{number}"
        parts = line.split(" ")
        if len(parts) != 3:
            fix = "write: relative/mask.txt label_id confidence, with single spaces"
            raise InputError(f"has {len(parts)} fields", where=where, fix=fix)
        mask = (path.parent / parts[0]).resolve()
        if Path(parts[0]).is_absolute() or not mask.is_relative_to(root):
            fix = "give the mask relative to the list, inside its folder"
            raise InputError(f"{parts[0]} is outside the folder", where=where, fix=fix)
        label, score = (_number(one, where) for one in parts[1:])
        listed[mask] = ListedInstance(mask, int(label), score, where)
    return list(listed.values())


def need_length(found: NDArray[np.int64], vertices: int, path: Path) -> None:
    """Raises an `InputError` unless a file has a line a vertex."""
    if len(found) != vertices:
        what = f"has {len(found)} lines, the truth has {vertices} vertices"
        fix = "write one line for each vertex of the scene's mesh, in its order"
        raise InputError(what, where=str(path), fix=fix)


def _scenes(folder: Path) -> set[str]:
    if not folder.is_dir():
        raise InputError("is not a folder", where=str(folder), fix="give a folder of <scene>.txt")
    names = {one.name for one in folder.glob("*.txt")} - _RESULTS
    if not names:
        raise InputError("holds no .txt", where=str(folder), fix="give a folder of <scene>.txt")
    return names


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{text!r} is not a number", where=where, fix="write finite numbers")
    return value


def _parse(characters: NDArray[np.uint8]) -> NDArray[np.int64] | None:
    """The integers of lines of digits; None if a line holds anything else.

    A mask of one digit a line, the common case, is every second character.
    """
    if len(characters) % 2 == 0 and (characters[1::2] == _NEWLINE).all():
        digits = characters[::2] - _ZERO
        return digits.astype(np.int64) if digits.max() <= 9 else None
    ends = np.flatnonzero(characters == _NEWLINE)
    lengths = np.diff(ends, prepend=-1) - 1
    digits = (characters - _ZERO)[characters != _NEWLINE]
    if lengths.min() < 1 or lengths.max() > _DIGITS or digits.max() > 9:
        return None
    last = np.cumsum(lengths)
    place = np.repeat(last, lengths) - np.arange(len(digits)) - 1
    powers = 10 ** np.arange(_DIGITS, dtype=np.int64)
    return np.add.reduceat(digits * powers[place], last - lengths)


def _parse_lines(lines: list[bytes], path: Path) -> NDArray[np.int64]:
    try:
        return np.array([int(one) for one in lines], dtype=np.int64)
    except (ValueError, OverflowError):
        for number, line in enumerate(lines, 1):
            if not line.strip().lstrip(b"+-").isdigit():
                what = f"{line[:40].decode(errors='replace')!r} is not an integer"
                fix = "write one integer a vertex"
                raise InputError(what, where=f"{path}:{number}", fix=fix) from None
        fix = "write smaller ids"
        raise InputError("holds numbers beyond 64 bits", where=str(path), fix=fix) from None
