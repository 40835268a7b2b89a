"""ScanNet's own annotations: a mesh's segments, which of them are objects, what these are.

Labels are made as the official preparation makes them: objects in the order of the file, where two
share a segment the later one has it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.formats.files import need, need_list, need_number, read_bytes, read_json

PER_LABEL = 1000
"""An object's number is label * 1000 + instance, in all of ScanNet's evaluation."""


_LABEL = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Preparation:
    """How a benchmark takes labels and instances from the annotations.

    Attributes:
        column: Column of `scannetv2-labels.combined.tsv` with the label ids.
        instance: Key of an object's number, counted from 0.
        keep: Label ids that are kept, others become 0; None keeps all.
    """

    column: str
    instance: str
    keep: frozenset[int] | None = None


def read_label_map(path: Path, column: str) -> dict[str, int]:
    """Label ids by the annotators' names.

    Args:
        path: `scannetv2-labels.combined.tsv`.
        column: `nyu40id` or `id`.

    Raises:
        InputError: If it is missing, or has no such columns.
    """
    lines = read_bytes(path).decode("utf-8", errors="replace").splitlines()
    try:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    except csv.Error as error:
        fix = "copy the file again"
        raise InputError(f"is no table: {error}", where=str(path), fix=fix) from None
    if not rows or not {"raw_category", column} <= rows[0].keys():
        what = f"has no columns raw_category and {column}"
        raise InputError(what, where=str(path), fix="give scannetv2-labels.combined.tsv")
    named = {row["raw_category"]: row[column] or "" for row in reversed(rows)}
    return {name: int(value) for name, value in named.items() if _LABEL.fullmatch(value)}


def vertex_ids(
    segments: Path, aggregation: Path, labels: Mapping[str, int], preparation: Preparation
) -> NDArray[np.int64]:
    """Label * 1000 + instance of every vertex, instances from 1; 0 where nothing is annotated.

    Args:
        segments: `<scene>_vh_clean_2.0.010000.segs.json`: the segment of each vertex.
        aggregation: `<scene>.aggregation.json`: objects as sets of segments.
        labels: What `read_label_map` gives; an object with another name has label 0.
        preparation: The benchmark's choice.

    Returns:
        int64, one a vertex of the mesh.

    Raises:
        InputError: If a file is missing, broken, or an object has more than 999 before it.
    """
    where = str(aggregation)
    of_vertex = _segments(segments)
    groups = need_list(need(read_json(aggregation), "segGroups", where), "segGroups", where)
    ids = np.zeros(len(of_vertex), dtype=np.int64)
    for number, group in enumerate(groups):
        place = f"{where} object {number}"
        instance = need_number(group, preparation.instance, place) + 1
        if not 0 < instance < PER_LABEL:
            fix = "the official numbers have room for 999 objects a scene"
            raise InputError(f"object number {instance - 1}", where=place, fix=fix)
        label = labels.get(str(need(group, "label", place)), 0)
        if preparation.keep is not None and label not in preparation.keep:
            label = 0
        mine = need_list(need(group, "segments", place), "segments", place)
        ids[np.isin(of_vertex, _numbers(mine, "segments", place))] = label * PER_LABEL + instance
    return ids


def _segments(path: Path) -> NDArray[np.int64]:
    found = need_list(need(read_json(path), "segIndices", str(path)), "segIndices", str(path))
    return _numbers(found, "segIndices", str(path))


def _numbers(found: list[Any], what: str, where: str) -> NDArray[np.int64]:
    try:
        return np.array(found, dtype=np.int64).reshape(len(found))
    except (TypeError, ValueError, OverflowError):
        fix = "copy the file again"
        raise InputError(f"{what} is not a list of numbers", where=where, fix=fix) from None
