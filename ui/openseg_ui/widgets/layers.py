"""From values on edges to regions over a picture."""

from __future__ import annotations

from openseg.api.records import Record
from openseg.api.result import Result
from openseg_ui.server.recorded import masks_of
from openseg_ui.widgets.picture import Layer


def result_layer(result: Result, key: str) -> Layer:
    """The regions a method found.

    Args:
        result: What was found.
        key: Names the run.
    """
    return Layer(
        key,
        result.masks,
        result.boxes,
        result.phrases,
        result.scores.tolist(),
        result.class_ids if len(set(result.class_ids)) > 1 else None,
    )


def record_layer(record: Record, key: str) -> Layer:
    """The regions of a record of a run folder.

    Args:
        record: What was found.
        key: Names the run and the image.
    """
    import torch

    boxes = torch.tensor([one.box for one in record.regions]).reshape(-1, 4)
    classes = [one.class_id for one in record.regions]
    return Layer(
        key,
        masks_of(record),
        boxes,
        [one.phrase for one in record.regions],
        [one.score for one in record.regions],
        classes if len(set(classes)) > 1 else None,
    )
