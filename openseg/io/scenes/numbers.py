"""Text files of numbers: poses, intrinsics, trajectories, with the line at fault in errors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError

Matrix = NDArray[np.float64]


def read_text(path: Path) -> str:
    """The content of a text file.

    Raises:
        InputError: If it is missing or no text.
    """
    try:
        return path.read_text()
    except FileNotFoundError:
        raise InputError("no such file", where=str(path), fix="copy it again") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path), fix="copy it again") from None


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises:
        InputError: If it is missing or not JSON.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}"
        raise InputError(f"is not JSON: {error.msg}", where=where, fix="write it again") from None
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, deep nests
        what = f"cannot be read as JSON: {error}"
        raise InputError(what, where=str(path), fix="write it again") from None


def read_rows(path: Path, columns: int | None = None) -> Matrix:
    """Lines of numbers; empty lines and those that start with `#` are passed over.

    Args:
        path: The file.
        columns: How many numbers a line must have; the same for all lines if None.

    Returns:
        float64 `[lines, columns]`; NaN and infinity are kept.

    Raises:
        InputError: If a line is not numbers or has another count.
    """
    rows: list[list[float]] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        words = line.replace(",", " ").split()
        if not words or words[0].startswith("#"):
            continue
        try:
            row = [float(word) for word in words]
        except ValueError:
            what = f"{line.strip()[:40]!r} is not a line of numbers"
            raise InputError(what, where=f"{path}:{number}", fix="write plain numbers") from None
        columns = columns or len(row)
        if len(row) != columns:
            what = f"has {len(row)} numbers, not {columns}"
            raise InputError(what, where=f"{path}:{number}", fix="is the file cut off?")
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(len(rows), columns or 0)


def read_matrix(path: Path, size: int) -> Matrix:
    """A square matrix, however its numbers are broken into lines.

    Args:
        path: The file.
        size: Rows and columns wanted; of a larger one the upper left part is taken.

    Returns:
        float64 `[size, size]`.

    Raises:
        InputError: If it does not hold such a matrix.
    """
    numbers = read_rows(path).reshape(-1)
    whole = round(len(numbers) ** 0.5)
    if whole * whole != len(numbers) or whole < size:
        what = f"holds {len(numbers)} numbers, not a {size}x{size} matrix"
        raise InputError(what, where=str(path), fix="is the file cut off?")
    return numbers.reshape(whole, whole)[:size, :size]


def intrinsics(fx: float, fy: float, cx: float, cy: float) -> Matrix:
    """The matrix of focal lengths and principal point, float64 `[3, 3]`."""
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=np.float64)


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts names as people count: `2` before `10`."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
