"""Run folders that `openseg run` left, read as a page needs them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from openseg.api.records import Record
from openseg.api.run_folder import RunFolder
from openseg.io.rle import decode_masks
from openseg.types.errors import InputError, OpensegError
from openseg_ui.server.folders import inside
from openseg_ui.server.images import Photo, from_folder

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.io.rle import RLE

SUMMARY = "run.json"


@dataclass(frozen=True)
class Recorded:
    """What a run folder holds.

    Attributes:
        folder: Where it lies.
        summary: What `run.json` says.
        records: What was found, image by image.
    """

    folder: Path
    summary: Mapping[str, Any]
    records: Sequence[Record]

    @property
    def name(self) -> str:
        """What tells it from other runs: its folder, and its method."""
        return f"{self.folder.name} ({self.method})"

    def record(self, id_: str) -> Record | None:
        """The record of a sample, if it is there."""
        return next((one for one in self.records if one.id == id_), None)

    @property
    def method(self) -> str:
        """The method's name."""
        return str(self.summary["identity"]["method"]["name"])


def read_recorded(folder: Path) -> Recorded:
    """Reads a run folder; one that is being written is read as far as it has come.

    Raises:
        InputError: If it is gone, damaged, or of a newer openseg.
    """
    try:
        records = list(RunFolder.read(folder))
        summary = json.loads((folder / SUMMARY).read_text("utf-8"))
        found = Recorded(folder, summary, records)
        found.method  # noqa: B018 (damaged if there is none)
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"the run cannot be read ({type(error).__name__})"
        raise InputError(what, where=str(folder), fix="make it again with `openseg run`") from error
    return found


def photo_of(record: Record, roots: Sequence[Path], megapixels: int) -> Photo:
    """The image of a record, if it lies in an allowed folder.

    Raises:
        OpensegError: If not, or it cannot be read, or is not of the size it had.
    """
    photo = from_folder(inside(record.image, roots), megapixels=megapixels)
    width, height = photo.picture.size
    if (height, width) != record.size:
        raise InputError("the image has changed since the run", where=photo.name)
    return photo


def overlay_of(found: Recorded, record: Record, megapixels: int) -> Photo | None:
    """The overlay that the run drew, if it lies in the folder."""
    try:
        path = inside(f"overlay/{record.id}.png", [found.folder])
        return from_folder(path, megapixels=megapixels)
    except OpensegError:
        return None


def masks_of(record: Record) -> Tensor:
    """Bool `[n, h, w]`: the masks of a record."""
    import torch

    encoded = [cast("RLE", one.segmentation) for one in record.regions]
    return torch.from_numpy(decode_masks(encoded, record.size))
