"""From a benchmark's samples to the inputs of methods, matched by type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg.api.prompts import boxes_of, mask_of, points_of
from openseg.graph.graph import Graph, Sample
from openseg.io.images import read_image
from openseg.io.mask_image import mask_from
from openseg.types import Boxes, Image, Masks, Phrase, Points, Template, Templates, TextQuery
from openseg.types.errors import InputError, UserError
from openseg_evals.oracle.truth import Truth
from openseg_evals.samples import AnySample, EvalSample, TemplateFile

if TYPE_CHECKING:
    import torch

_SEPARATOR = "; "
_IMAGES_IN_MEMORY = 4

DRAWN = {Boxes, Points, Masks}
"""What people draw on an image, and no benchmark gives."""


def check_inputs(graph: Graph) -> None:
    """Checks that a benchmark of images and words can feed a method.

    Inputs that may be left out are empty where the benchmark has nothing for them.

    Raises:
        UserError: If the method needs an input of another type, or takes neither words nor
            templates.
    """
    for name, kind in graph.inputs.items():
        left_out = name in graph.optional and kind in DRAWN
        if kind not in {Image, TextQuery, Templates, Truth} and not left_out:
            raise UserError(
                f"the benchmark gives an image, words and templates, not '{name}' "
                f"({kind.__name__})",
                where=graph.name,
                fix="choose a pipeline that takes words; see: openseg ls pipelines",
            )
    if {TextQuery, Templates}.isdisjoint(graph.inputs.values()):
        raise UserError(
            "the benchmark asks by words or templates, and the method takes neither",
            where=graph.name,
            fix="choose a pipeline that does; see: openseg ls pipelines",
        )


def check_templates(graphs: Sequence[Graph], samples: Sequence[EvalSample]) -> None:
    """Checks that a method that looks for things by pictures alone is given some.

    Raises:
        UserError: If the data set has no templates.
    """
    for graph in graphs:
        needed = {kind for name, kind in graph.inputs.items() if name not in graph.optional}
        alone = TextQuery not in graph.inputs.values() and Templates in graph.inputs.values()
        if (Templates in needed or alone) and not all(one.templates for one in samples):
            raise UserError(
                "the data set gives no templates, support images with masks",
                where=graph.name,
                fix="choose a benchmark that does, as mini-templates or bop",
            )


def samples_for(
    graphs: Sequence[Graph], samples: Sequence[EvalSample], device: torch.device
) -> list[Sample]:
    """A sample of the engine for each sample of the benchmark, read when the run gets to it.

    Args:
        graphs: The methods; every input is given by its type.
        samples: The benchmark's samples.
        device: Where tensors shall lie.
    """
    inputs = {name: kind for graph in graphs for name, kind in graph.inputs.items()}
    read = lru_cache(_IMAGES_IN_MEMORY)(_reader(device))
    templates = lru_cache(1)(partial(_templates, _reader(device)))

    def reader(sample: EvalSample) -> Callable[[], Mapping[str, Any]]:
        def values() -> Mapping[str, Any]:
            made: dict[type, Any] = {TextQuery: query_of(sample)}
            made[Image] = _checked(read(sample.image), sample)
            if DRAWN & set(inputs.values()):
                made |= _nothing_drawn(made[Image], device)
            if Templates in inputs.values():
                made[Templates] = templates(sample.templates, made[TextQuery].phrases)
            if Truth in inputs.values():
                made[Truth] = Truth.of(sample.targets(), sample.size, device)
            return {name: made[kind] for name, kind in inputs.items()}

        return values

    return [Sample(one.id, reader(one)) for one in samples]


def query_of(sample: AnySample) -> TextQuery:
    """The query of a sample; phrases of one class share their `class_id`."""
    classes: dict[int, int] = {}
    phrases: list[Phrase] = []
    start = 0
    for place, text in enumerate(sample.phrases):
        label = sample.class_ids[place] if sample.class_ids else place
        class_id = classes.setdefault(label, len(classes))
        phrases.append(Phrase(text, class_id, (start, start + len(text))))
        start += len(text) + len(_SEPARATOR)
    return TextQuery(_SEPARATOR.join(sample.phrases), tuple(phrases))


def _reader(device: torch.device) -> Callable[[Path], Image]:
    def read(path: Path) -> Image:
        image = read_image(path)
        return Image(image.pixels.to(device), image.digest, image.name)

    return read


def _nothing_drawn(image: Image, device: torch.device) -> dict[type, Any]:
    return {
        Boxes: boxes_of([], device),
        Points: points_of([], [], [], device),
        Masks: mask_of(None, image),
    }


def _templates(
    read: Callable[[Path], Image], files: Sequence[TemplateFile], phrases: Sequence[Phrase]
) -> Templates:
    items = []
    for one in files:
        image = read(one.image)
        items.append(Template(image, mask_from(one.mask, image), phrases[one.phrase]))
    return Templates(tuple(items))


def _checked(image: Image, sample: EvalSample) -> Image:
    if image.size != sample.size:
        (height, width), (rows, columns) = image.size, sample.size
        raise InputError(
            f"the picture is {width}x{height}, its annotations are for {columns}x{rows}",
            where=str(sample.image),
            fix="give the pictures the annotations were made on",
        )
    return image
