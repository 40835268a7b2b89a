"""Samples of referring expressions from refs files: a sentence is a sample.

Sentences of one image follow each other, images in the order of the refs file. What sentences share
(pictures, truths, tags) is held once, so that 200,000 of them stay light.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from openseg.types.errors import InputError
from openseg_evals.dataset_files import find_file, find_pictures
from openseg_evals.dataset_options import Option
from openseg_evals.formats.files import need_text
from openseg_evals.formats.refer import INSTANCES, ReferData, Referral, read_refer
from openseg_evals.rle import RLE
from openseg_evals.samples import DataFile, EvalSample, Target

TEXT = Option(
    "raw",
    "the sentence as written (LAVT), in lower case (Zero-shot-RIS), or cleaned (LISA)",
    ("raw", "lower", "sent"),
)
BY = Option("", "which refs file of the folder: unc, umd, google; needed only if several")

COCO_2014 = "COCO's 2014 train images: http://images.cocodataset.org/zips/train2014.zip"
PICTURES = tuple(
    DataFile(path, COCO_2014)
    for path in (
        "../images/mscoco/images/train2014",
        "images/mscoco/images/train2014",
        "../train2014",
        "train2014",
        "images",
    )
)
"""Where people keep the pictures: as `refer` has them, beside it, or, in the mini world, inside."""

_SENTENCE_LENGTHS = ((3, "1-3"), (6, "4-6"))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pauses the search for garbage: millions of containers are made here and all are kept."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_no_collection()
def read_split(
    folder: Path, stem: str, source: str, chosen: Mapping[str, str]
) -> tuple[ReferData, dict[str, Path]]:
    """Reads the referrals of a split, what they need of the instances, and finds its pictures.

    Args:
        folder: The data set's folder.
        stem: How the names of its refs files begin: `refs` or `grefs`.
        source: How to get the refs files.
        chosen: The options `by` and `split`.

    Returns:
        The data set, and the pictures by file name.

    Raises:
        UserError: If a file is missing or broken, or there is no such split.
    """
    refs_file = _refs_file(folder, stem, source, chosen["by"])
    find_file(folder, DataFile(INSTANCES, source))
    whole = read_refer(refs_file)
    data = whole.only([one for one in whole.split(chosen["split"]) if one.sentences])
    names = [
        need_text(image, "file_name", f"{data.instances_file} image {key}")
        for key, image in data.images.items()
    ]
    return data, find_pictures([find_file(folder, *PICTURES)], names, COCO_2014)


@_no_collection()
def expression_samples(
    data: ReferData,
    pictures: Mapping[str, Path],
    text: str,
    masks: Callable[[Referral], Sequence[RLE]],
    tags: Callable[[Referral], Mapping[str, str]],
) -> list[EvalSample]:
    """A sample for each sentence.

    Args:
        data: The referrals of the split.
        pictures: The pictures by file name.
        text: Which text is asked: a value of `TEXT`.
        masks: Reads the true masks of a referral, one an object.
        tags: What there is to say of a referral; each sentence adds its length and its own tags.

    Returns:
        The samples, those of an image next to each other.
    """
    order = {image: place for place, image in enumerate(data.images)}
    same: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
    samples = []
    for ref in sorted(data.refs, key=lambda one: order[one.image_id]):
        picture, size = pictures[data.images[ref.image_id]["file_name"]], data.size(ref)
        targets, about = partial(_targets, masks, ref), tags(ref)
        for (sent_id, raw), cleaned, own in zip(ref.sentences, ref.cleaned, ref.tags, strict=True):
            sentence = {"raw": raw, "lower": raw.lower(), "sent": cleaned}[text]
            described = {**about, "words": word_count(sentence), **own}
            samples.append(
                EvalSample(
                    id=f"{ref.ref_id}-{sent_id}",
                    unit=str(sent_id),
                    image=picture,
                    size=size,
                    phrases=(sentence,),
                    key={"ref_id": ref.ref_id, "sent_id": sent_id},
                    targets=targets,
                    tags=same.setdefault(tuple(described.items()), described),
                )
            )
    return samples


def word_count(sentence: str) -> str:
    """The length of a sentence as a tag: 1-3, 4-6 or 7+ words."""
    count = len(sentence.split())
    return next((name for most, name in _SENTENCE_LENGTHS if count <= most), "7+")


def _targets(masks: Callable[[Referral], Sequence[RLE]], ref: Referral) -> list[Target]:
    return [Target(0, mask) for mask in masks(ref)]


def _refs_file(folder: Path, stem: str, source: str, by: str) -> Path:
    if by:
        return find_file(
            folder, *(DataFile(f"{stem}({by}).{ending}", source) for ending in ("p", "json"))
        )
    found = [one for one in sorted(folder.glob(f"{stem}(*).*")) if one.suffix in {".p", ".json"}]
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        choices = sorted({one.stem.removeprefix(f"{stem}(").removesuffix(")") for one in found})
        fix = f"choose by={' or by='.join(choices)}"
        raise InputError(f"holds {names}", where=str(folder), fix=fix)
    return found[0] if found else find_file(folder, DataFile(f"{stem}(...).p", source))
