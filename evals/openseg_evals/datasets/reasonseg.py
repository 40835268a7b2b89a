"""ReasonSeg: an image, a question or a phrase that needs thought, one region (Lai et al., 2024)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.dataset_files import find_file, find_pictures
from openseg_evals.dataset_kinds.official import OfficialDataset
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.reasonseg import TARGET, list_samples, read_question, read_sample
from openseg_evals.samples import DataFile, Dataset, EvalSample, Target

OPTIONS = {"split": Option("val", "train, val or test")}
SOURCE = "ReasonSeg: https://github.com/dvlab-research/LISA#dataset"


def load(folder: Path, options: Mapping[str, str]) -> Dataset:
    """Reads a split.

    Args:
        folder: Folder with a folder for each split, or one that holds `ReasonSeg` with these.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    split = resolve_options("reasonseg", OPTIONS, options)["split"]
    here = find_file(folder, DataFile(split, SOURCE), DataFile(f"ReasonSeg/{split}", SOURCE))
    find_pictures([here], (f"{one.stem}.jpg" for one in sorted(here.glob("*.json"))), SOURCE)
    return OfficialDataset([_sample(path) for path in list_samples(here)], here)


def _sample(path: Path) -> EvalSample:
    asked = read_question(path)
    if not asked.text:
        raise InputError("asks nothing", where=str(path), fix="write a question in 'text'")
    return EvalSample(
        id=path.stem,
        unit=path.stem,
        image=path.with_suffix(".jpg"),
        size=asked.size,
        phrases=asked.text[:1],
        key={"image": path.stem},
        targets=partial(_targets, path),
        tags={"is_sentence": "yes" if asked.is_sentence else "no"},
    )


def _targets(path: Path) -> list[Target]:
    mask = read_sample(path).mask == TARGET
    return [Target(0, rle.encode(mask))] if mask.any() else []
