"""One label a pixel: the class of the highest-scoring region that covers it, as a PNG."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openseg.io.files import write_atomic
from openseg_evals import rle
from openseg_evals.samples import EvalSample, Target
from openseg_evals.tasks.answer import Answer
from openseg_evals.tasks.instances import distinct

if TYPE_CHECKING:
    from torch import Tensor

_NOTHING = -1


class LabelMaps:
    """A folder of PNG label maps, one a sample.

    Args:
        path: The folder.
        nothing: The label of a pixel that no region covers, where the data set has no class for
            such pixels.
    """

    def __init__(self, path: Path, nothing: int) -> None:
        self.path = path
        self._nothing = nothing
        path.mkdir(parents=True, exist_ok=True)

    def write(self, sample: EvalSample, answer: Answer | None) -> None:
        """Writes the map of a sample; an image that is written again is the same."""
        nothing = self._nothing if sample.background is None else sample.background
        labels = np.full(sample.size, nothing, dtype=np.uint16)
        if answer is not None and len(answer):
            classes = np.array(distinct(sample.class_ids), dtype=np.uint16)
            places = winners(answer)
            labels = np.where(places == _NOTHING, labels, classes[places])
        deep = int(labels.max()) > np.iinfo(np.uint8).max
        write_atomic(self.path / f"{sample.unit}.png", _png(labels, deep=deep))

    def mark(self) -> int:
        """Nothing has to be kept in mind: an image is a file of its own."""
        return 0

    def back_to(self, mark: int) -> None:
        """Images of a broken-off window are written over."""

    def finish(self) -> None:
        """Nothing is left to do."""

    def regions(self, sample: EvalSample) -> list[Target]:
        """A region a class of the map."""
        labels = np.asarray(Image.open(self.path / f"{sample.unit}.png"))
        return [
            Target(sample.class_ids.index(label), rle.encode(labels == label))
            for label in distinct(sample.class_ids)
            if (labels == label).any()
        ]


def open_predictions(folder: Path, options: Mapping[str, str]) -> LabelMaps:
    """Label maps under `labels/`; pixels without region have the metric's label to ignore."""
    return LabelMaps(folder / "labels", int(options["ignore"]))


def winners(answer: Answer) -> NDArray[np.int64]:
    """The class place of the highest-scoring region at each pixel, `int64 [h, w]`, -1 for none.

    Of regions with equal scores the earlier wins.
    """
    regions = winning_regions(answer)
    classes = np.array([*answer.classes, _NOTHING], dtype=np.int64)
    places: NDArray[np.int64] = classes[regions.cpu().numpy()]
    return places


def winning_regions(answer: Answer) -> Tensor:
    """The row of the highest-scoring region at each pixel, `int64 [h, w]`, -1 for none."""
    import torch

    order = answer.scores.argsort(stable=True, descending=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device)
    best = torch.full(answer.masks.shape[1:], len(order), device=order.device)
    for row in range(len(order)):  # one region at a time: [n, h, w] numbers would not fit
        best = torch.where(answer.masks[row] & (rank[row] < best), rank[row], best)
    rows = torch.cat([order, order.new_tensor([_NOTHING])])
    return rows[best]


def _png(labels: NDArray[np.uint16], *, deep: bool) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(labels if deep else labels.astype(np.uint8)).save(buffer, format="png")
    return buffer.getvalue()
