"""What is compared: runs of this server and of folders, each as masks over the same picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from openseg.types.errors import InputError
from openseg_ui.server.images import Photo
from openseg_ui.server.recorded import Recorded, photo_of
from openseg_ui.server.runs import Run
from openseg_ui.widgets.layers import record_layer, result_layer
from openseg_ui.widgets.picture import Layer

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Compared:
    """One answer on a picture.

    Attributes:
        name: What gave it.
        about: More of it, in a few words.
        photo: The picture.
        layer: The regions, with masks.
        address: What the page Inside is to show of it.
    """

    name: str
    about: str
    photo: Photo
    layer: Layer
    address: dict[str, str]

    @property
    def masks(self) -> Tensor:
        """Bool `[n, h, w]`."""
        import torch

        width, height = self.photo.picture.size
        found = self.layer.masks
        return found if found is not None else torch.zeros(0, height, width, dtype=torch.bool)


def of_run(run: Run) -> Compared:
    """A run of this server."""
    about = f"{len(run.result)} masks, {sum(run.seconds.values()):.2f} s"
    layer = result_layer(run.result, run.id)
    return Compared(run.title, about, run.photo, layer, {"run": run.id})


def of_folder(found: Recorded, sample: str, roots: Sequence[Path], megapixels: int) -> Compared:
    """One image of a run folder.

    Raises:
        OpensegError: If the run has no such image, failed on it, or the image cannot be shown.
    """
    record = found.record(sample)
    if record is None:
        raise InputError(f"this run has no image '{sample}'", where=found.folder.name)
    if record.error is not None:
        raise InputError(f"this run failed on the image: {record.error}", where=found.folder.name)
    photo = photo_of(record, roots, megapixels)
    layer = record_layer(record, f"{found.folder} {record.id}")
    address = {"folder": str(found.folder), "sample": sample}
    return Compared(found.name, f"{len(record.regions)} masks", photo, layer, address)
