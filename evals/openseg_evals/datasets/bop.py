"""BOP's data sets for 2D segmentation: LM-O, T-LESS, TUD-L, IC-BIN, ITODD, HB, YCB-V.

Every target image is asked for every object of the data set. The objects are known by models and
pictures, not by words: the names of LM-O, TUD-L, IC-BIN and YCB-V are those in use, the objects of
T-LESS, ITODD and HB need names of one's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.instances import (
    InstanceDataset,
    category_names,
    object_tags,
    read_targets,
)
from openseg_evals.dataset_kinds.semantic import need_files
from openseg_evals.dataset_kinds.templates import read_templates
from openseg_evals.dataset_kinds.vocabulary import (
    FOLDER,
    PLAIN,
    Vocabulary,
    category_vocabulary,
    choose_names,
    read_vocabulary,
)
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.bop import read_bop
from openseg_evals.formats.masks import need_size
from openseg_evals.samples import DataFile, Dataset, EvalSample

OPTIONS = {
    "split": Option("test", "folder of scenes, as test, val, test_primesense"),
    "targets": Option("test_targets_bop19.json", "list of target images"),
    "names": Option(
        PLAIN, "words asked for: plain, or a text file with a line for each object by obj_id"
    ),
    "templates": Option("train", "folder of scenes whose pictures are templates, as train_real"),
    "per_object": Option("8", "the most templates of an object, spread over those there are"),
}

_SOURCE = "it from https://bop.felk.cvut.cz/datasets/ and give the data set's folder"
_PICTURES = ("rgb/{:06d}.png", "rgb/{:06d}.jpg", "gray/{:06d}.tif", "gray/{:06d}.png")


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads the target images of a split.

    Args:
        folder: The data set's folder, named as in BOP: `lmo`, `tless`, ...
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, a file is missing or broken, or the objects have
            no names.
    """
    chosen = resolve_options("bop", OPTIONS, options)
    find_file(folder, DataFile(chosen["targets"], _SOURCE))
    truth = read_bop(folder, chosen["split"], chosen["targets"])
    vocabulary = _names(folder, truth.coco, chosen["names"])
    phrases, class_ids = vocabulary.phrases, vocabulary.class_ids
    places, where = vocabulary.first_phrase, str(truth.folder)
    count = _count(chosen["per_object"])
    templates = read_templates(folder / chosen["templates"], places, count, _picture)
    objects: defaultdict[int, list[Any]] = defaultdict(list)
    for one in truth.coco["annotations"]:
        if not one.get("ignore"):  # hardly visible: neither right nor wrong to find
            objects[one["image_id"]].append(one)
    samples = []
    for (scene, image), number in truth.images.items():
        entry = truth.coco["images"][number]
        size = need_size(entry, where)
        name = f"{scene}/{image}"
        samples.append(
            EvalSample(
                id=name,
                unit=name,
                image=_picture(truth.folder / f"{scene:06d}", image),
                size=size,
                phrases=phrases,
                class_ids=class_ids,
                key={"scene_id": scene, "image_id": image},
                tags=object_tags(objects[number], where),
                targets=partial(read_targets, objects[number], size, places, where),
                templates=templates,
            )
        )
    need_files([one.image for one in samples], "pictures")
    need_files([file for one in templates for file in (one.image, one.mask)], "templates")
    metric = {"split": chosen["split"], "targets": chosen["targets"]}
    return InstanceDataset(samples, folder, metric)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise InputError(f"per_object={text} is not a number of templates", fix="give 1 or more")
    return int(text)


def _picture(scene: Path, image: int) -> Path:
    """The picture of an image: colour, or grey where a data set has no colour."""
    places = [scene / one.format(image) for one in _PICTURES]
    return next((one for one in places if one.is_file()), places[0])


def _names(folder: Path, content: Mapping[str, Any], choice: str) -> Vocabulary:
    """The objects' names; the annotations themselves only repeat the `obj_id`."""
    names = dict(sorted(category_names(content, str(folder)).items()))
    if choice != PLAIN:
        return choose_names(category_vocabulary(names), choice)
    if (FOLDER / f"bop_{folder.name}.yaml").is_file():
        known = read_vocabulary(f"bop_{folder.name}")
        names |= {
            label: one
            for label, one in zip(known.labels, known.names, strict=True)
            if label in names
        }
    nameless = [label for label, (name, *_) in names.items() if name.isdecimal()]
    if nameless:
        fix = f"set names=FILE with {len(names)} lines, a name for each obj_id from {min(names)} on"
        raise InputError(f"objects of {folder.name} have no names", where=str(folder), fix=fix)
    return category_vocabulary(names)
