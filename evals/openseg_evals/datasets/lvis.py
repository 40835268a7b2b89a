"""LVIS v1 (Gupta et al., CVPR 2019): instances of 1203 categories, annotated in part.

The categories' names are in the file: `name` with its underscores read as spaces, or all
`synonyms`. Pictures are COCO's, of both train2017 and val2017; `coco_url` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.instances import InstanceDataset, category_names, instance_samples
from openseg_evals.dataset_kinds.semantic import need_files
from openseg_evals.dataset_kinds.vocabulary import NAMES, category_vocabulary, choose_names
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.coco import read_truth
from openseg_evals.formats.files import need, need_list
from openseg_evals.samples import DataFile, Dataset

OPTIONS = {
    "split": Option("val", "train or val (19,809 images)"),
    "annotations": Option("", "the annotations under the folder, if not lvis_v1_<split>.json"),
    "names": NAMES,
}

_SOURCE = "lvis_v1_{split}.json.zip from https://www.lvisdataset.org/dataset"
_IMAGES = (
    "http://images.cocodataset.org/zips/train2017.zip and val2017.zip and unpack them beside each "
    "other in the folder"
)


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: The folder with the annotations and COCO's folders of pictures.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("lvis", OPTIONS, options)
    split = chosen["split"]
    name, source = f"lvis_v1_{split}.json", _SOURCE.format(split=split)
    places = [chosen["annotations"]] if chosen["annotations"] else [name, f"annotations/{name}"]
    path = find_file(folder, *(DataFile(place, source) for place in places))
    content = read_truth(path, masks=False)
    vocabulary = choose_names(category_vocabulary(_names(content, str(path))), chosen["names"])
    samples = instance_samples(
        content, str(path), vocabulary, lambda one: folder / _picture(one, str(path))
    )
    need_files([one.image for one in samples], "pictures")
    return InstanceDataset(samples, path)


def _names(content: Mapping[str, Any], where: str) -> dict[int, tuple[str, ...]]:
    names = category_names(content, where)
    for one in content["categories"]:
        synonyms = need_list(need(one, "synonyms", where), "synonyms", where)
        every = dict.fromkeys([*names[one["id"]], *map(str, synonyms)])
        names[one["id"]] = tuple(name.replace("_", " ") for name in every)
    return names


def _picture(image: Mapping[str, Any], where: str) -> Path:
    """`<folder>/<name>.jpg` under COCO's folder, from the image's address."""
    address = str(need(image, "coco_url", where)).split("/")
    if len(address) < 2:
        what = f"coco_url of image {image['id']} is {image['coco_url']!r}"
        raise InputError(what, where=where, fix="it must end in <folder>/<name>.jpg")
    return Path(*address[-2:])
