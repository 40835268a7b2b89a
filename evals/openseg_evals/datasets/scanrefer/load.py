"""ScanRefer's sentences beside ScanNet's scans; objects are those of the scans' annotations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.scans import LABEL_MAP, Scan, find_scan
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.datasets.scanrefer.referrals import read_referrals
from openseg_evals.datasets.scanrefer.sentences import ReferredObjects
from openseg_evals.formats.scannet_annotations import read_label_map
from openseg_evals.samples import DataFile
from openseg_evals.upright_boxes import Axes

OPTIONS = {"split": Option("val", "which ScanRefer_filtered_<split>.json: train, val")}

_SOURCE = "the sentences by the form on https://github.com/daveredrum/ScanRefer"
_ALIGNMENT = "axisAlignment"


def load(folder: Path, options: Mapping[str, str]) -> ReferredObjects:
    """Reads a split.

    Args:
        folder: Holds `scannetv2-labels.combined.tsv`, the scans in `scans` (or beside it), and
            `ScanRefer_filtered_<split>.json`, which may also lie in `ScanRefer` in or beside it.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    split = resolve_options("scanrefer", OPTIONS, options)["split"]
    name = f"ScanRefer_filtered_{split}.json"
    places = [name, f"ScanRefer/{name}", f"../ScanRefer/{name}"]
    said = read_referrals(find_file(folder, *(DataFile(one, _SOURCE) for one in places)))
    classes = read_label_map(find_file(folder, LABEL_MAP), "nyu40id")
    scans = {one: find_scan(folder, one) for one in dict.fromkeys(one.scene for one in said)}
    axes = {name: _axes(scan) for name, scan in scans.items()}
    return ReferredObjects(f"scanrefer-{split}", said, scans, axes, classes)


def _axes(scan: Scan) -> Axes:
    """The axes that a scan's boxes are measured in: its own where nobody aligned it."""
    text = scan.description().get(_ALIGNMENT)
    if text is None:
        return ()
    try:
        values: NDArray[np.float64] = np.array([float(one) for one in text.split()])
        matrix = values.reshape(4, 4)
    except ValueError:
        matrix = np.full((4, 4), np.nan)
    if not np.isfinite(matrix).all():
        where, fix = str(scan.home / f"{scan.name}.txt"), "it must be 16 numbers, a 4x4 matrix"
        raise InputError(f"{_ALIGNMENT} is {text[:60]!r}", where=where, fix=fix)
    return tuple(tuple(row) for row in matrix.tolist())
