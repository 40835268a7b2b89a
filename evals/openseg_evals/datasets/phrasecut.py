"""PhraseCut: phrases that mean any number of regions of a Visual Genome picture (Wu et al., 2020).

Its truth is given to the metric `referring` as a refs file: a task is a referral with one sentence,
both numbered from 1 in the order of the file. The official P@ counts IoU above its threshold, the
metric IoU at or above it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from openseg.io.files import write_atomic
from openseg_evals import rle
from openseg_evals.dataset_files import find_file, find_pictures
from openseg_evals.dataset_kinds.expressions import word_count
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.phrasecut import PhraseTask, instance_masks, read_sizes, read_tasks
from openseg_evals.formats.refer import INSTANCES
from openseg_evals.samples import DataFile, Dataset, EvalSample, Target

OPTIONS = {"split": Option("val", "train, val, test, miniv; several joined by _, as val_miniv")}
SOURCE = "VGPhraseCut_v0: https://github.com/ChenyunWu/PhraseCutDataset#download-the-dataset"
SIZES = DataFile("image_data_split.json", SOURCE)
PICTURES = tuple(DataFile(name, SOURCE) for name in ("images", "VG_100K", "VG_100K_2"))

_MANY = 5


class PhraseCutDataset:
    """A split.

    Args:
        tasks: The tasks in the order of their file.
        sizes: Height and width of each picture.
        pictures: The pictures by file name.
        split: Name of the split.
    """

    def __init__(
        self,
        tasks: Sequence[PhraseTask],
        sizes: Mapping[int, tuple[int, int]],
        pictures: Mapping[str, Path],
        split: str,
    ) -> None:
        self._tasks = list(enumerate(tasks, start=1))
        self._sizes = sizes
        self._split = split
        order = {image: place for place, image in enumerate(dict.fromkeys(_images(tasks)))}
        self.samples: Sequence[EvalSample] = [
            _sample(number, task, sizes[task.image_id], pictures[_picture(task.image_id)])
            for number, task in sorted(self._tasks, key=lambda one: order[one[1].image_id])
        ]

    @property
    def metric_options(self) -> Mapping[str, str]:
        """The converted file holds the split and nothing else."""
        return {"split": "all"}

    def truth(self, workdir: Path) -> Path:
        """Writes the split as refs and instances, unless that has been done.

        Args:
            workdir: Folder for the converted files.

        Returns:
            The refs file, which is written last.
        """
        folder = workdir / f"phrasecut-{self._split}"
        refs_file = folder / "refs(phrasecut).json"
        if not refs_file.exists():
            instances = {
                "images": [
                    {"id": key, "file_name": _picture(key), "height": height, "width": width}
                    for key, (height, width) in self._sizes.items()
                ],
                "annotations": [
                    _annotation(number, task, self._sizes[task.image_id])
                    for number, task in self._tasks
                ],
                "categories": [{"id": 1, "name": "region"}],
            }
            write_atomic(folder / INSTANCES, json.dumps(instances).encode())
            refs = [_referral(number, task, self._split) for number, task in self._tasks]
            write_atomic(refs_file, json.dumps(refs).encode())
        return refs_file


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: The folder `VGPhraseCut_v0`; pictures lie in `images`, or in Visual Genome's own
            folders `VG_100K` and `VG_100K_2`.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    split = resolve_options("phrasecut", OPTIONS, options)["split"]
    files = [DataFile(f"refer_{name}.json", SOURCE) for name in split.split("_")]
    tasks = [task for file in files for task in read_tasks(find_file(folder, file))]
    sizes = read_sizes(find_file(folder, SIZES), tasks)
    folders = [find_file(folder, *PICTURES)]
    folders += [folder / one.path for one in PICTURES if (folder / one.path).is_dir()]
    pictures = find_pictures(folders, map(_picture, _images(tasks)), SOURCE)
    return PhraseCutDataset(tasks, sizes, pictures, split)


def _sample(number: int, task: PhraseTask, size: tuple[int, int], picture: Path) -> EvalSample:
    count = len(task.instances)
    tags = {
        "instances": "single" if count == 1 else "multi" if count < _MANY else "many",
        "words": word_count(task.phrase),
    }
    return EvalSample(
        id=task.task_id,
        unit=str(number),
        image=picture,
        size=size,
        phrases=(task.phrase,),
        key={"ref_id": number, "sent_id": number, "task_id": task.task_id},
        targets=partial(_targets, task, size),
        tags={**tags, "structure": task.structure} if task.structure else tags,
    )


def _targets(task: PhraseTask, size: tuple[int, int]) -> list[Target]:
    return [Target(0, mask) for mask in instance_masks(task, size)]


def _annotation(number: int, task: PhraseTask, size: tuple[int, int]) -> dict[str, Any]:
    masks = instance_masks(task, size)
    mask = rle.union(masks) if masks else rle.empty(*size)
    return {
        "id": number,
        "image_id": task.image_id,
        "category_id": 1,
        "iscrowd": 0,
        "area": rle.area(mask),
        "segmentation": {"size": mask["size"], "counts": mask["counts"].decode()},
    }


def _referral(number: int, task: PhraseTask, split: str) -> dict[str, Any]:
    sentence = {"sent_id": number, "raw": task.phrase, "task_id": task.task_id}
    return {
        "ref_id": number,
        "ann_id": number,
        "image_id": task.image_id,
        "split": split,
        "sent_ids": [number],
        "sentences": [sentence],
    }


def _images(tasks: Sequence[PhraseTask]) -> list[int]:
    return [task.image_id for task in tasks]


def _picture(image_id: int) -> str:
    return f"{image_id}.jpg"
