"""From values on edges to regions over a picture."""

from __future__ import annotations

from openseg.api.result import Result
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
