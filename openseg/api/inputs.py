"""From what a user has (files, arrays, texts, boxes) to the samples a method runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from openseg import ops
from openseg.graph.graph import Graph, Sample
from openseg.io.images import image_from
from openseg.types import Boxes, Image, Points, TextQuery
from openseg.types.errors import UserError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Request:
    """What a user asks of one image; what a method does not take must be left out.

    Attributes:
        image: A path, PIL image, uint8 array or tensor, or `Image`.
        text: What to look for, phrases separated by `;`.
        boxes: Boxes `[n][4]`, xyxy in pixels.
        points: Points `[n][2]` in pixels, each inside a region of its own.
        inputs: Further inputs of the method, by name, as edge types.
    """

    image: Any
    text: str | None = None
    boxes: Sequence[Sequence[float]] | None = None
    points: Sequence[Sequence[float]] | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)


def sample_of(graph: Graph, id_: str, request: Request, device: torch.device) -> Sample:
    """Makes the sample of a request; its image is read later, when the run gets to it.

    Args:
        graph: The method.
        id_: The sample's id.
        request: What the user asks.
        device: Where the sample's tensors shall lie.

    Raises:
        UserError: If the request lacks an input of the method or has one it does not take.
    """
    makers = {
        name: _maker(graph, name, kind, request, device) for name, kind in graph.inputs.items()
    }
    _refuse_unused(graph, request)
    return Sample(id_, lambda: {name: make() for name, make in makers.items()})


def _maker(
    graph: Graph, name: str, kind: type, request: Request, device: torch.device
) -> Callable[[], Any]:
    """What makes the value of one input; everything that can be checked now is."""
    if name in request.inputs:
        value = request.inputs[name]
        if not isinstance(value, kind):
            raise UserError(
                f"must be {kind.__name__}, not {type(value).__name__}", where=f"input '{name}'"
            )
        return lambda: value
    if kind is Image:
        return lambda: _on_device(image_from(request.image), device)
    if kind is TextQuery:
        if request.text is None:
            raise UserError(f"the method '{graph.name}' needs a text", fix="give text (--text)")
        query = ops.text.parse_query(request.text)
        return lambda: query
    if kind is Boxes:
        boxes = _boxes(request.boxes or [], device)
        return lambda: boxes
    if kind is Points:
        points = _points(request.points or [], device)
        return lambda: points
    raise UserError(f"the method '{graph.name}' needs the input '{name}' ({kind.__name__})")


def _refuse_unused(graph: Graph, request: Request) -> None:
    kinds = set(graph.inputs.values())
    given = {
        "text": (request.text, TextQuery),
        "boxes": (request.boxes, Boxes),
        "points": (request.points, Points),
    }
    for name, (value, kind) in given.items():
        if value is not None and kind not in kinds:
            raise UserError(f"the method '{graph.name}' takes no {name}", where=f"input '{name}'")
    if unknown := sorted(set(request.inputs) - set(graph.inputs)):
        names = ", ".join(graph.inputs)
        raise UserError(
            f"the method '{graph.name}' has no input '{unknown[0]}'", fix=f"its inputs: {names}"
        )
    if not (request.boxes or request.points) and kinds.isdisjoint({TextQuery}) and kinds & {Boxes}:
        raise UserError(
            f"the method '{graph.name}' needs boxes or points", fix="give --box or --point"
        )


def _boxes(rows: Sequence[Sequence[float]], device: torch.device) -> Boxes:
    import torch

    for i, row in enumerate(rows):
        if len(row) != 4 or not row[0] < row[2] or not row[1] < row[3]:
            raise UserError(
                f"{list(row)} is not a box", where=f"box {i}", fix="left,top,right,bottom in pixels"
            )
    return Boxes(torch.tensor(rows, dtype=torch.float32, device=device).reshape(-1, 4))


def _points(rows: Sequence[Sequence[float]], device: torch.device) -> Points:
    import torch

    for i, row in enumerate(rows):
        if len(row) != 2:
            raise UserError(f"{list(row)} is not a point", where=f"point {i}", fix="x,y in pixels")
    xy = torch.tensor(rows, dtype=torch.float32, device=device).reshape(-1, 1, 2)
    return Points(xy, torch.ones(xy.shape[:2], dtype=torch.int64, device=device))


def _on_device(image: Image, device: torch.device) -> Image:
    return replace(image, pixels=image.pixels.to(device))
