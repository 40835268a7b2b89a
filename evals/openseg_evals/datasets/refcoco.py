"""RefCOCO, RefCOCO+ and RefCOCOg: expressions that mean one object (Yu et al., 2016).

The folder is `refcoco`, `refcoco+` or `refcocog` of `refer/data`, with its refs files and
`instances.json`; so are the mini world's.
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
from openseg_evals.formats.files import need, need_finite, need_number
from openseg_evals.formats.refer import ReferData, Referral
from openseg_evals.formats.refer_truth import object_mask, only_annotation
from openseg_evals.samples import Dataset

OPTIONS = {
    "split": Option("val", "train, val, testA, testB (by unc); train, val, test (umd); or all"),
    "by": BY,
    "text": TEXT,
}
SOURCE = "refcoco.zip, refcoco+.zip or refcocog.zip: https://github.com/lichengunc/refer"

_SMALL, _MEDIUM = 32**2, 96**2  # COCO's areas


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: Folder of the refs files.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("refcoco", OPTIONS, options)
    data, pictures = read_split(folder, "refs", SOURCE, chosen)
    samples = expression_samples(
        data,
        pictures,
        chosen["text"],
        masks=lambda ref: [object_mask(data, ref, "union")],
        tags=lambda ref: _tags(data, ref),
    )
    return OfficialDataset(samples, data.refs_file, {"split": chosen["split"], "by": chosen["by"]})


def _tags(data: ReferData, ref: Referral) -> dict[str, str]:
    """Size and category of the target."""
    where, annotation = only_annotation(data, ref)
    area = need_finite(need(annotation, "area", where), "area", where)
    size = "small" if area < _SMALL else "medium" if area < _MEDIUM else "large"
    category = ""
    if "category_id" in annotation:
        category = data.categories.get(need_number(annotation, "category_id", where), "")
    return {"size": size, "category": category} if category else {"size": size}
