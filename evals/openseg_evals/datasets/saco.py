"""SA-Co/Gold and /Silver: all instances of a noun phrase (Carion et al., "SAM 3", 2025).

A sample is a pair of picture and phrase; there are no classes, and most phrases name nothing in
the picture. Only pairs in which every annotator found every instance are asked, as they are the
ones that are scored. Targets are the first annotator's; the metric takes the best annotator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.instances import InstanceDataset
from openseg_evals.dataset_kinds.semantic import need_files
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.files import need
from openseg_evals.formats.saco import SacoFile, exhaustive_pairs, list_files, read_saco
from openseg_evals.rle import RLE
from openseg_evals.samples import DataFile, Dataset, EvalSample, Target

OPTIONS = {
    "subset": Option("", "part of the file names in a folder of several subsets, as gold_fg_food"),
    "annotations": Option("annotations", "the JSON, or the folder of them, under the folder"),
    "images": Option("images", "the folder of pictures under the folder"),
}

_ANNOTATIONS = "the annotations from https://huggingface.co/datasets/facebook/SACo-Gold"
_IMAGES = (
    "the pictures by https://github.com/facebookresearch/sam3, scripts/eval/gold/README.md "
    "(or silver)"
)
_DOMAIN = re.compile(r"^(?:gold|silver)_(.+?)_(?:merged|test)")


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads the pairs of a subset.

    Args:
        folder: The folder of annotations and pictures.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("saco", OPTIONS, options)
    annotations = find_file(folder, DataFile(chosen["annotations"], _ANNOTATIONS))
    images = find_file(folder, DataFile(chosen["images"], _IMAGES))
    files = [read_saco(one) for one in list_files(annotations, chosen["subset"])]
    first = files[0]
    pictures: dict[str, list[int]] = {}
    for pair in exhaustive_pairs(files):
        place = f"{first.path} pair {pair}"
        pictures.setdefault(str(need(first.pairs[pair], "file_name", place)), []).append(pair)
    samples = [
        _sample(first, pair, images / name) for name, pairs in pictures.items() for pair in pairs
    ]
    need_files([images / name for name in pictures], "pictures")
    return InstanceDataset(samples, annotations, {"subset": chosen["subset"]})


def _sample(file: SacoFile, pair: int, image: Path) -> EvalSample:
    entry: Mapping[str, Any] = file.pairs[pair]
    where = f"{file.path} pair {pair}"
    phrase = need(entry, "text_input", where)
    if not isinstance(phrase, str) or not phrase.strip():
        raise InputError(f"text_input is {phrase!r}", where=where, fix="get the file again")
    masks = file.masks.get(pair, [])
    domain = _DOMAIN.match(file.path.name)
    return EvalSample(
        id=str(pair),
        unit=str(pair),
        image=image,
        size=file.size(pair),
        phrases=(phrase,),
        key={"image_id": pair},
        tags={
            "domain": domain[1] if domain else file.path.stem,
            "phrase": "present" if masks else "absent",
        },
        targets=partial(_targets, masks),
    )


def _targets(masks: Sequence[RLE]) -> list[Target]:
    return [Target(0, mask) for mask in masks]
