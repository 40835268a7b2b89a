"""What a method found in one image: masks with boxes, scores, phrases, and where they came from."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg import ops
from openseg.api.trace import Evidence, trace_row
from openseg.types import (
    Boxes,
    Image,
    Masks,
    Phrases,
    Points,
    RegionEmbeddings,
    Rows,
    Scores,
    Similarity,
    TextQuery,
)
from openseg.types.errors import OpensegError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from torch import Tensor

    from openseg.graph.graph import Graph, Source

_COLUMNS = (Boxes, Masks, Points, RegionEmbeddings, Rows, Scores, Similarity)
"""Edge types whose every field is a tensor with a row a region."""


@dataclass(frozen=True, eq=False)
class Result:
    """The outputs of a method for one image, on the CPU.

    Attributes:
        image: The image the method saw.
        outputs: Every output of the method by name, as edge types.
        values: The method's inputs and outputs by source, and every other value that flowed if the
            method was called for it alone (not by a run over many images).
        graph: The method's graph.
        id: The sample's id.
        rows: Which regions of the method's answer these are; None for all of them.
    """

    image: Image
    outputs: Mapping[str, Any]
    values: Mapping[Source, Any]
    graph: Graph
    id: str
    rows: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.masks)

    def take(self, rows: Sequence[int]) -> Result:
        """The same result with some of its regions only, in the given order.

        Args:
            rows: Rows of this result, from 0.

        Raises:
            IndexError: If there is no such row.
        """
        kept, count = list(rows), len(self)
        before = self.rows if self.rows is not None else range(count)
        outputs = {
            name: _taken(value, kept)
            if isinstance(value, (*_COLUMNS, Phrases)) and len(value) == count
            else value
            for name, value in self.outputs.items()
        }
        return replace(self, outputs=outputs, rows=tuple(before[row] for row in kept))

    @property
    def masks(self) -> Tensor:
        """Bool `[n, h, w]` at the image's size."""
        data: Tensor = self._output(Masks).data.cpu()
        return data

    @property
    def boxes(self) -> Tensor:
        """float32 `[n, 4]` xyxy in pixels: the method's own boxes, else those of the masks."""
        found = self._optional(Boxes)
        return found.xyxy.cpu() if found is not None else ops.masks.boxes_from_masks(self.masks)

    @property
    def scores(self) -> Tensor:
        """float32 `[n]`; ones if the method gives no scores."""
        found = self._optional(Scores)
        return found.values.cpu() if found is not None else self.masks.new_ones(len(self)).float()

    @property
    def phrases(self) -> list[str]:
        """The phrase of each region; empty strings if the method took no words."""
        found = self._optional(Phrases)
        return [phrase.text for phrase in found.items] if found is not None else [""] * len(self)

    @property
    def class_ids(self) -> list[int]:
        """The class of each region, counted in the order of the query's phrases."""
        found = self._optional(Phrases)
        return [phrase.class_id for phrase in found.items] if found is not None else [0] * len(self)

    @property
    def trace(self) -> list[Evidence]:
        """For each mask, the evidence that made it: node by node, back to the inputs."""
        source = next(
            self.graph.outputs[name]
            for name, value in self.outputs.items()
            if isinstance(value, Masks)
        )
        rows = self.rows if self.rows is not None else range(len(self))
        return [trace_row(self.graph, self.values, source, row) for row in rows]

    def overlay(self) -> Picture:
        """The image with masks, outlines and labels drawn over it."""
        from openseg.io.overlay import draw_overlay

        # With several classes the hue stands for the class, the same one in every image of a run.
        classes = self.class_ids if self._class_count() > 1 else None
        return draw_overlay(self.image, self.masks, self.phrases, self.scores, self.boxes, classes)

    def to_coco(self) -> dict[str, Any]:
        """A COCO dataset of this one image, masks as RLE (holes are kept)."""
        from openseg.api.records import record_of
        from openseg.io.coco import coco_dataset

        return coco_dataset([record_of(self)])

    def to_labelme(self) -> dict[str, Any]:
        """A LabelMe document with one `mask` shape a region (holes are kept)."""
        from openseg.api.records import record_of
        from openseg.io.labelme import labelme_document

        return labelme_document(record_of(self), Path(self.image.name).name)

    def to_supervision(self) -> Any:
        """The regions as `supervision.Detections`.

        Raises:
            openseg.types.errors.MissingExtraError: If supervision is not installed.
        """
        from openseg.io.supervision import detections

        return detections(self.masks, self.boxes, self.scores, self.class_ids, self.phrases)

    def _repr_png_(self) -> bytes:
        """Lets a notebook show the overlay."""
        buffer = io.BytesIO()
        self.overlay().save(buffer, "PNG")
        return buffer.getvalue()

    def __repr__(self) -> str:
        found = ", ".join(
            f"{phrase or 'mask'} {score:.2f}"
            for phrase, score in zip(self.phrases, self.scores.tolist(), strict=True)
        )
        return f"<Result {self.id}: {len(self)} regions{': ' + found if found else ''}>"

    def _class_count(self) -> int:
        queries = [value for value in self.values.values() if isinstance(value, TextQuery)]
        return len({phrase.class_id for query in queries for phrase in query.phrases})

    def _optional(self, kind: type) -> Any:
        return next((v for v in self.outputs.values() if isinstance(v, kind)), None)

    def _output(self, kind: type) -> Any:
        found = self._optional(kind)
        if found is None:
            names = ", ".join(self.outputs) or "none"
            raise OpensegError(
                f"the method '{self.graph.name}' gives no {kind.__name__}",
                fix=f"its outputs are: {names}",
            )
        return found


def _taken(value: Any, rows: list[int]) -> Any:
    """Some rows of a column of regions."""
    if isinstance(value, Phrases):
        return value.take(rows)
    return replace(value, **{one.name: getattr(value, one.name)[rows] for one in fields(value)})
