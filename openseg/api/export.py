"""What a run writes beside its records, a class a format."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from openseg.api.job import Export
from openseg.api.records import Record
from openseg.api.result import Result
from openseg.io.coco import write_coco
from openseg.io.files import write_atomic
from openseg.io.labelme import write_labelme


class OverlayExport:
    """`overlay/ID.png`: the image with masks, outlines and labels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "overlay"

    def one(self, result: Result, record: Record) -> None:
        """Draws one image."""
        buffer = io.BytesIO()
        result.overlay().save(buffer, "PNG", compress_level=1)  # large photos: seconds saved
        write_atomic(self.folder / f"{record.id}.png", buffer.getvalue())

    def all(self, records: Iterable[Record], classes: Sequence[str]) -> None:
        """Nothing is left to write."""


class LabelmeExport:
    """`labelme/ID.json`: a document an image, masks with their holes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "labelme"

    def one(self, result: Result, record: Record) -> None:
        """Writes one document."""
        write_labelme(self.folder / f"{record.id}.json", record)

    def all(self, records: Iterable[Record], classes: Sequence[str]) -> None:
        """Nothing is left to write."""


class CocoExport:
    """`coco.json` and `coco_results.json`: all images of the run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def one(self, result: Result, record: Record) -> None:
        """Nothing is written before the end."""

    def all(self, records: Iterable[Record], classes: Sequence[str]) -> None:
        """Writes both files."""
        write_coco(self.folder, records, classes)


EXPORTS: dict[str, Callable[[Path], Export[Result, Record]]] = {
    "overlay": OverlayExport,
    "coco": CocoExport,
    "labelme": LabelmeExport,
}
"""The formats by the names of `--format`."""
