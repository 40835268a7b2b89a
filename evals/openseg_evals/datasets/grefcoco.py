"""gRefCOCO: expressions that mean several objects, one, or none (Liu et al., 2023).

The folder holds `grefs(unc).json` and `instances.json`; so does the mini world's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openseg_evals.dataset_kinds.expressions import (
    BY,
    TEXT,
    expression_samples,
    read_split,
)
from openseg_evals.dataset_kinds.official import OfficialDataset
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.refer_truth import object_masks
from openseg_evals.samples import Dataset

OPTIONS = {
    "split": Option("val", "train, val, testA, testB, or all"),
    "by": BY,
    "text": TEXT,
}
SOURCE = "grefcoco from https://huggingface.co/datasets/FudanCVL/gRefCOCO"

_COUNTS = ("none", "one", "several")


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: Folder of the refs file.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("grefcoco", OPTIONS, options)
    data, pictures = read_split(folder, "grefs", SOURCE, chosen)
    samples = expression_samples(
        data,
        pictures,
        chosen["text"],
        masks=lambda ref: object_masks(data, ref),
        tags=lambda ref: {"targets": _COUNTS[min(len(ref.ann_ids), 2)]},
    )
    return OfficialDataset(samples, data.refs_file, {"split": chosen["split"], "by": chosen["by"]})
