"""Samples of instance segmentation from annotations in COCO's form: a picture, every category."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.dataset_kinds.vocabulary import Vocabulary
from openseg_evals.formats.files import need, need_finite, need_number, sample
from openseg_evals.formats.masks import need_size, read_union
from openseg_evals.samples import EvalSample, Target

Annotation = Mapping[str, Any]

_COUNTS = ((0, "0"), (1, "1"), (2, "2-4"), (5, "5-9"), (10, "10+"))
_SMALL, _MEDIUM = 32**2, 96**2


@dataclass(frozen=True)
class InstanceDataset:
    """Samples whose truth is an official file that the metric reads as it is.

    Attributes:
        samples: The samples.
        annotations: The official file or folder.
        metric_options: Conventions of the metric that the data set fixes.
    """

    samples: Sequence[EvalSample]
    annotations: Path
    metric_options: Mapping[str, str] = field(default_factory=dict)

    def truth(self, workdir: Path) -> Path:
        """The official file; nothing is written."""
        return self.annotations


def instance_samples(
    content: Mapping[str, Any],
    where: str,
    vocabulary: Vocabulary,
    picture: Callable[[Mapping[str, Any]], Path],
) -> list[EvalSample]:
    """A sample for each image, which is asked for every category.

    Args:
        content: A data set in COCO's form, ids checked.
        where: Its place, for errors.
        vocabulary: The names of its categories; labels are category ids.
        picture: Where the picture of an entry of `images` lies.

    Raises:
        InputError: If an image has no size.
    """
    annotations: dict[Any, list[Annotation]] = {one["id"]: [] for one in content["images"]}
    for one in content["annotations"]:
        annotations[one["image_id"]].append(one)
    phrases, class_ids = vocabulary.phrases, vocabulary.class_ids
    places = vocabulary.first_phrase
    samples = []
    for image in content["images"]:
        place = f"{where} image {image['id']}"
        size = need_size(image, place)
        objects = [one for one in annotations[image["id"]] if not one.get("iscrowd")]
        samples.append(
            EvalSample(
                id=str(image["id"]),
                unit=str(image["id"]),
                image=picture(image),
                size=size,
                phrases=phrases,
                class_ids=class_ids,
                key={"image_id": image["id"]},
                tags=object_tags(objects, where),
                targets=partial(read_targets, objects, size, places, where),
            )
        )
    return samples


def read_targets(
    objects: Sequence[Annotation], size: tuple[int, int], places: Mapping[int, int], where: str
) -> list[Target]:
    """The masks of annotations.

    Args:
        objects: The annotations of an image without crowds, which are no single object.
        size: Its height and width.
        places: The first phrase of each category.
        where: The file, for errors.

    Raises:
        InputError: If a mask is broken or of another size.
    """
    targets = []
    for one in objects:
        place = f"{where} annotation {one['id']}"
        mask = read_union(need(one, "segmentation", place), size, place)
        targets.append(Target(places[one["category_id"]], mask))
    return targets


def object_tags(objects: Sequence[Annotation], where: str) -> dict[str, str]:
    """How many objects an image has, and their sizes by COCO's limits, `mixed` if they differ."""
    areas = [
        need_finite(need(one, "area", where), f"area of annotation {one['id']}", where)
        for one in objects
    ]
    count = _COUNTS[bisect_right([least for least, _ in _COUNTS], len(areas)) - 1][1]
    if not areas:
        return {"objects": count}
    sizes = {
        "small" if area < _SMALL else "medium" if area < _MEDIUM else "large" for area in areas
    }
    return {"objects": count, "sizes": sizes.pop() if len(sizes) == 1 else "mixed"}


def category_names(content: Mapping[str, Any], where: str) -> dict[int, tuple[str, ...]]:
    """The name of each category, in file order.

    Raises:
        InputError: If there is no category, or one has no name.
    """
    names: dict[int, tuple[str, ...]] = {
        need_number(one, "id", where): (str(need(one, "name", where)),)
        for one in content["categories"]
    }
    empty = [key for key, name in names.items() if not name[0].strip()]
    if empty or not names:
        what = f"categories {sample(empty)} have no name" if empty else "has no categories"
        raise InputError(what, where=where, fix="get the file again")
    return names
