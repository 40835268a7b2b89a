"""Non-overlapping segments in COCO's panoptic format.

Regions take pixels in order of their scores; what is left of a region below half of its area is
dropped, as in Kirillov et al., "Panoptic Segmentation", CVPR 2019; stuff of one class is one
segment.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openseg.io.files import write_atomic
from openseg.io.jsonl import append_line, keep_lines, read_lines
from openseg_evals import rle
from openseg_evals.samples import EvalSample, Target
from openseg_evals.tasks.answer import Answer
from openseg_evals.tasks.instances import distinct
from openseg_evals.tasks.semantic import winning_regions

_LEAST_LEFT = 0.5


class PanopticMaps:
    """A panoptic JSON with its folder of PNGs; the segments wait in JSON lines until the end.

    Args:
        path: The JSON file; the PNGs lie in a folder of the same name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = path.with_suffix(".jsonl")
        self._written = 0

    def write(self, sample: EvalSample, answer: Answer | None) -> None:
        """Writes the segments of a sample."""
        ids = np.zeros(sample.size, dtype=np.uint32)
        found: list[dict[str, Any]] = []
        if answer is not None and len(answer):
            ids, found = _segments(sample, answer)
        name = f"{sample.unit}.png"
        write_atomic(self.path.with_suffix("") / name, _png(ids))
        append_line(self._lines, {**sample.key, "file_name": name, "segments_info": found})
        self._written += 1

    def mark(self) -> int:
        """Lines written so far."""
        return self._written

    def back_to(self, mark: int) -> None:
        """Forgets the segments after so many samples."""
        keep_lines(self._lines, mark)
        self._written = mark

    def finish(self) -> None:
        """Writes the JSON."""
        document = {"annotations": read_lines(self._lines)}
        write_atomic(self.path, json.dumps(document, separators=(",", ":")).encode())

    def regions(self, sample: EvalSample) -> list[Target]:
        """The segments of a sample."""
        line = self._by_name[f"{sample.unit}.png"]
        rgb = np.asarray(Image.open(self.path.with_suffix("") / line["file_name"]), dtype=np.uint32)
        ids = rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2]
        return [
            Target(sample.class_ids.index(one["category_id"]), rle.encode(ids == one["id"]))
            for one in line["segments_info"]
        ]

    @cached_property
    def _by_name(self) -> dict[str, dict[str, Any]]:
        return {line["file_name"]: line for line in read_lines(self._lines)}


def open_predictions(folder: Path, _options: Mapping[str, str]) -> PanopticMaps:
    """Segments under `panoptic.json` and `panoptic/`."""
    return PanopticMaps(folder / "panoptic.json")


def _segments(
    sample: EvalSample, answer: Answer
) -> tuple[NDArray[np.uint32], list[dict[str, Any]]]:
    """Segment ids `uint32 [h, w]`, 0 for none, and what each segment is."""
    rows = winning_regions(answer).cpu().numpy()
    areas = answer.masks.flatten(1).sum(dim=1).cpu().numpy()
    left = np.bincount(rows[rows >= 0], minlength=len(answer))
    categories = distinct(sample.class_ids)
    ids = np.zeros(sample.size, dtype=np.uint32)
    found: list[dict[str, Any]] = []
    segment_of: dict[int, int] = {}
    for row in np.flatnonzero(left):
        if left[row] < _LEAST_LEFT * areas[row]:
            continue
        category = categories[answer.classes[row]]
        segment = segment_of.get(category, 0) if category in sample.stuff else 0
        if not segment:
            segment = len(found) + 1
            found.append({"id": segment, "category_id": category})
            segment_of[category] = segment
        ids[rows == row] = segment
    return ids, found


def _png(ids: NDArray[np.uint32]) -> bytes:
    """Ids as colours: R + 256 G + 65536 B."""
    rgb = np.stack([ids & 255, ids >> 8 & 255, ids >> 16 & 255], axis=-1).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, format="png")
    return buffer.getvalue()
