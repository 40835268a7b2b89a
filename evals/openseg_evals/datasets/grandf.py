"""GranD-f: an image, the noun phrases of its caption, a mask for each (Rasheed et al., 2024).

Mask k of an image answers phrase k of its caption, as the official evaluator has it; masks beyond
the phrases answer none and are left out of the samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from openseg_evals.dataset_files import find_file, find_pictures
from openseg_evals.dataset_kinds.official import OfficialDataset
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.grandf import CAPTIONS, MASKS, GrandfImage, read_grandf
from openseg_evals.samples import DataFile, Dataset, EvalSample, Target

OPTIONS = {"split": Option("val", "val or test", ("val", "test"))}
ANNOTATIONS = "GranDf from https://huggingface.co/datasets/MBZUAI/GranD-f"
IMAGES = "GranDf_HA_images.zip: https://github.com/mbzuai-oryx/groundingLMM docs/datasets.md"
PICTURES = (
    DataFile("../GranDf_HA_images/val_test", IMAGES),
    DataFile("GranDf_HA_images/val_test", IMAGES),
)

_COUNTS = ((2, "1-2"), (4, "3-4"))


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: The folder `GranDf`; the pictures lie in `GranDf_HA_images` beside or in it.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    split = resolve_options("grandf", OPTIONS, options)["split"]
    mask_file = find_file(folder, _annotations(f"{split}{MASKS}"))
    find_file(folder, _annotations(f"{split}{CAPTIONS}"))
    asked = [one for one in read_grandf(mask_file.parent, split).images if one.phrases]
    pictures = find_pictures([find_file(folder, *PICTURES)], map(_picture, asked), IMAGES)
    return OfficialDataset([_sample(one, pictures[_picture(one)]) for one in asked], mask_file)


def _annotations(name: str) -> DataFile:
    return DataFile(f"annotations/val_test/{name}", ANNOTATIONS)


def _picture(image: GrandfImage) -> str:
    return f"{image.name}.jpg"


def _sample(image: GrandfImage, picture: Path) -> EvalSample:
    count = len(image.phrases)
    return EvalSample(
        id=image.name,
        unit=image.name,
        image=picture,
        size=image.size,
        phrases=tuple(image.phrases),
        key={"image_id": image.name},
        targets=partial(_targets, image),
        tags={"phrases": next((name for most, name in _COUNTS if count <= most), "5+")},
    )


def _targets(image: GrandfImage) -> list[Target]:
    answered = zip(image.phrases, image.masks, strict=False)
    return [Target(place, mask) for place, (_, mask) in enumerate(answered)]
