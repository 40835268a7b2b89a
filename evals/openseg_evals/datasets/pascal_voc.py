"""Pascal VOC 2012 semantic segmentation, 20 or 21 classes (Everingham et al., IJCV 2010).

The palette PNGs of `SegmentationClass` are scored as they are: 0 background, 1 to 20 the classes,
255 the void border. With 20 classes background does not count, as in the open-vocabulary papers'
PAS-20; with 21 it is class 0 (PAS-21).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.semantic import LabelledPicture, SemanticDataset, read_split
from openseg_evals.dataset_kinds.vocabulary import NAMES, choose_names, read_vocabulary
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.samples import DataFile, Dataset

OPTIONS = {
    "split": Option("val", "a list of ImageSets/Segmentation: train, val (1449), trainval"),
    "classes": Option("20", "20, or 21 with background", ("20", "21")),
    "names": NAMES,
}

_SOURCE = (
    "VOCtrainval_11-May-2012.tar from http://host.robots.ox.ac.uk/pascal/VOC/voc2012/ "
    "and give the folder VOCdevkit/VOC2012"
)
_VOID = 255


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: `VOCdevkit/VOC2012`.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("pascal_voc", OPTIONS, options)
    split = f"ImageSets/Segmentation/{chosen['split']}.txt"
    stems = read_split(find_file(folder, DataFile(split, _SOURCE)))
    images = find_file(folder, DataFile("JPEGImages", _SOURCE))
    labels = find_file(folder, DataFile("SegmentationClass", _SOURCE))
    vocabulary = read_vocabulary("pascal_voc")
    if chosen["classes"] == "20":
        vocabulary = vocabulary.without(0)
    return SemanticDataset(
        f"pascal_voc-{chosen['classes']}-{chosen['split']}",
        [LabelledPicture(one, images / f"{one}.jpg", labels / f"{one}.png") for one in stems],
        choose_names(vocabulary, chosen["names"]),
        zero="unlabelled" if chosen["classes"] == "20" else "class",
        ignore=_VOID,
        background=None if chosen["classes"] == "20" else 0,
    )
