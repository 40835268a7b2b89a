"""GranD-f: an image, the noun phrases of its caption, a mask for each (Rasheed et al., 2024).

Mask k of an image answers phrase k of its caption, as the official evaluator has it; masks beyond
the phrases answer none and are left out of the samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.dataset_files import find_file, find_pictures
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.files import need, need_list, read_json, sample
from openseg_evals.formats.labels import read_size
from openseg_evals.formats.masks import read_union
from openseg_evals.samples import DataFile, Dataset, EvalSample, Target

OPTIONS = {"split": Option("val", "val or test", ("val", "test"))}
ANNOTATIONS = "GranDf from https://huggingface.co/datasets/MBZUAI/GranD-f"
IMAGES = "GranDf_HA_images.zip: https://github.com/mbzuai-oryx/groundingLMM docs/datasets.md"
PICTURES = (
    DataFile("../GranDf_HA_images/val_test", IMAGES),
    DataFile("GranDf_HA_images/val_test", IMAGES),
)

_COUNTS = ((2, "1-2"), (4, "3-4"))

Masks = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class GranDfDataset:
    """A split.

    Attributes:
        samples: A sample for each captioned image, in order of the caption file.
        mask_file: The official masks; the captions lie beside them.
        metric_options: None.
    """

    samples: Sequence[EvalSample]
    mask_file: Path
    metric_options: Mapping[str, str]

    def truth(self, workdir: Path) -> Path:
        """The file of masks; nothing is written."""
        return self.mask_file


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: The folder `GranDf`; the pictures lie in `GranDf_HA_images` beside or in it.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    split = resolve_options("grandf", OPTIONS, options)["split"]
    mask_file, caption_file = (
        find_file(
            folder, DataFile(f"annotations/val_test/{split}_gcg_coco_{kind}_gt.json", ANNOTATIONS)
        )
        for kind in ("mask", "caption")
    )
    masks: dict[Any, list[Mapping[str, Any]]] = {}
    for one in _table(mask_file, "annotations"):
        masks.setdefault(need(one, "image_id", str(mask_file)), []).append(one)
    captions = _captions(caption_file)
    lost = masks.keys() - captions.keys()
    if lost:
        what = f"{len(lost)} images have no caption: {sample(map(str, lost))}"
        raise InputError(what, where=str(caption_file), fix="take both files from one download")
    names = {
        need(one, "id", str(caption_file)): str(one.get("file_name", f"{one['id']}.jpg"))
        for one in _table(caption_file, "images")
    }
    unnamed = captions.keys() - names.keys()
    if unnamed:
        what = f"{len(unnamed)} captions name unknown images: {sample(map(str, unnamed))}"
        raise InputError(what, where=str(caption_file), fix="list them in 'images'")
    pictures = find_pictures(
        [find_file(folder, *PICTURES)], (names[key] for key in captions), IMAGES
    )
    samples = [
        _sample(key, phrases, pictures[names[key]], masks.get(key, ()), str(mask_file))
        for key, phrases in captions.items()
        if phrases
    ]
    return GranDfDataset(samples, mask_file, {})


def _table(path: Path, key: str) -> list[Any]:
    return need_list(need(read_json(path), key, str(path)), key, str(path))


def _captions(path: Path) -> dict[Any, tuple[str, ...]]:
    """The phrases of each image; of several captions the official evaluator takes the first."""
    phrases: dict[Any, tuple[str, ...]] = {}
    for one in _table(path, "annotations"):
        labels = need_list(need(one, "labels", str(path)), "labels", str(path))
        phrases.setdefault(need(one, "image_id", str(path)), tuple(map(str, labels)))
    return phrases


def _sample(
    key: Any, phrases: tuple[str, ...], picture: Path, masks: Masks, where: str
) -> EvalSample:
    size = read_size(picture)
    return EvalSample(
        id=str(key),
        unit=str(key),
        image=picture,
        size=size,
        phrases=phrases,
        key={"image_id": key},
        targets=partial(_targets, masks[: len(phrases)], size, where),
        tags={"phrases": next((name for most, name in _COUNTS if len(phrases) <= most), "5+")},
    )


def _targets(masks: Masks, size: tuple[int, int], where: str) -> list[Target]:
    return [
        Target(phrase, read_union(need(one, "segmentation", where), size, f"{where} mask {phrase}"))
        for phrase, one in enumerate(masks)
    ]
