"""From what a user has (files, arrays, texts, boxes) to the samples a method runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from openseg import ops
from openseg.api.prompts import boxes_of, check_inside, mask_of, points_of
from openseg.graph.codec import to_device
from openseg.graph.graph import Graph, Sample
from openseg.io.images import image_from
from openseg.types import Boxes, Frames, Image, Masks, PointCloud, Points, Templates, TextQuery
from openseg.types.errors import UserError

if TYPE_CHECKING:
    import torch

_FLAGS: dict[type, str] = {
    TextQuery: "--text",
    Boxes: "--box",
    Points: "--point or --scribble",
    Masks: "--mask",
    Templates: "--support with --support-mask",
}
"""How the command line asks for what an input holds."""


@dataclass(frozen=True)
class Request:
    """What a user asks of every image of a call; what a method does not take must be left out.

    Attributes:
        text: What to look for, phrases separated by `;`.
        boxes: Boxes `[n][4]`, xyxy in pixels.
        points: Points `[n][2]` in pixels, each inside a region of its own.
        scribbles: Strokes `[n][k][2]` in pixels, each inside a region of its own.
        negative_points: Points `[n][2]` in pixels that lie in none of the regions of points and
            scribbles.
        templates: Pictures of what to look for, with masks.
        masks: By sample id a mask that was drawn on its image, or the masks a former round found:
            what `openseg.api.prompts.mask_of` takes.
        inputs: Further inputs of the method, by name, as edge types.
    """

    text: str | None = None
    boxes: Sequence[Sequence[float]] | None = None
    points: Sequence[Sequence[float]] | None = None
    scribbles: Sequence[Sequence[Sequence[float]]] | None = None
    negative_points: Sequence[Sequence[float]] | None = None
    templates: Templates | None = None
    masks: Mapping[str, Any] | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)


def samples_of(
    graph: Graph, images: Mapping[str, Any], request: Request, device: torch.device
) -> list[Sample]:
    """Makes a sample of each image; images are read later, when the run gets to them.

    Args:
        graph: The method.
        images: By sample id: a path, PIL image, uint8 array or tensor, or `Image`.
        request: What the user asks of all of them; made into values once.
        device: Where the samples' tensors shall lie.

    Raises:
        UserError: If the request lacks an input of the method or has one it does not take.
    """
    own = {
        name: kind
        for name, kind in graph.inputs.items()
        if kind in {Image, Masks} and name not in request.inputs
    }
    shared = shared_inputs(graph, set(own), request, device)
    clicked = {
        "point": [[one] for one in request.points or []],
        "scribble": request.scribbles or [],
        "negative point": [[one] for one in request.negative_points or []],
    }

    def reader(id_: str, given: Any) -> Callable[[], Mapping[str, Any]]:
        def read() -> Mapping[str, Any]:
            image = _on_device(image_from(given), device)
            check_inside(clicked, image)
            made: dict[type, Any] = {Image: image}
            if Masks in own.values():
                made[Masks] = mask_of((request.masks or {}).get(id_), image)
            return {**shared, **{name: made[kind] for name, kind in own.items()}}

        return read

    return [Sample(id_, reader(id_, image)) for id_, image in images.items()]


def shared_inputs(
    graph: Graph, own: Set[str], request: Request, device: torch.device
) -> dict[str, Any]:
    """The values of the inputs that are the same for all samples of a call, by name.

    Args:
        graph: The method.
        own: The inputs that every sample has its own value of.
        request: What the user asks.
        device: Where tensors shall lie.

    Raises:
        UserError: If the request lacks an input of the method or has one it does not take.
    """
    shared = {
        name: _value(graph, name, kind, request, device) if empty is None else empty
        for name, kind in graph.inputs.items()
        if name not in own
        for empty in [_nothing(graph, name, kind, request)]
    }
    _refuse_unused(graph, request)
    return shared


def _nothing(graph: Graph, name: str, kind: type, request: Request) -> TextQuery | Templates | None:
    """The empty value of an input that may be left out and is, or None."""
    if name not in graph.optional or name in request.inputs:
        return None
    if kind is TextQuery and request.text is None:
        return TextQuery("", ())
    return Templates(()) if kind is Templates and request.templates is None else None


def _value(graph: Graph, name: str, kind: type, request: Request, device: torch.device) -> Any:
    """The value of an input that is the same for all images."""
    if name in request.inputs:
        value = request.inputs[name]
        if not isinstance(value, kind):
            raise UserError(
                f"must be {kind.__name__}, not {type(value).__name__}", where=f"input '{name}'"
            )
        return value
    if kind is TextQuery:
        if request.text is None:
            raise UserError(f"the method '{graph.name}' needs a text", fix="give text (--text)")
        return ops.text.parse_query(request.text)
    if kind is Boxes:
        return boxes_of(request.boxes or [], device)
    if kind is Points:
        # A method that takes a mask too reads all that is drawn for one thing.
        one_thing = Masks in graph.inputs.values() and bool(request.boxes or request.masks)
        return points_of(
            request.points or [],
            request.scribbles or [],
            request.negative_points or [],
            device,
            one_thing=one_thing,
        )
    if kind is Templates:
        if request.templates is None:
            raise UserError(
                f"the method '{graph.name}' needs a support image with its mask",
                fix="give support=[(image, mask)] (--support and --support-mask)",
            )
        return to_device(request.templates, device)
    fix = "give a scene (--scene)" if kind in {Frames, PointCloud} else ""
    raise UserError(
        f"the method '{graph.name}' needs the input '{name}' ({kind.__name__})", fix=fix
    )


def _refuse_unused(graph: Graph, request: Request) -> None:
    kinds = set(graph.inputs.values())
    given = {
        "text": (request.text, TextQuery),
        "boxes": (request.boxes, Boxes),
        "points": (request.points, Points),
        "scribbles": (request.scribbles, Points),
        "negative points": (request.negative_points, Points),
        "support image": (request.templates, Templates),
        "mask": (request.masks, Masks),
    }
    for name, (value, kind) in given.items():
        if value is not None and kind not in kinds:
            raise UserError(f"the method '{graph.name}' takes no {name}", where=f"input '{name}'")
    if unknown := sorted(set(request.inputs) - set(graph.inputs)):
        names = ", ".join(graph.inputs)
        raise UserError(
            f"the method '{graph.name}' has no input '{unknown[0]}'", fix=f"its inputs: {names}"
        )
    drawn = request.boxes or request.points or request.scribbles or request.masks
    asked = drawn or request.text is not None or request.templates or request.inputs
    if graph.optional and not asked:
        options = [flag for kind, flag in _FLAGS.items() if kind in kinds]
        raise UserError(
            f"the method '{graph.name}' needs something to look for",
            fix=f"give one or more of {', '.join(options)}",
        )
    if not drawn and not graph.optional and kinds.isdisjoint({TextQuery}) and kinds & {Boxes}:
        raise UserError(
            f"the method '{graph.name}' needs boxes or points",
            fix="give --box, --point or --scribble",
        )


def _on_device(image: Image, device: torch.device) -> Image:
    return replace(image, pixels=image.pixels.to(device))
