"""What a method answered, taken from its outputs by their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openseg.graph.graph import Graph
from openseg.types import Masks, Phrases, Scores
from openseg.types.errors import StageError, UserError
from openseg_evals.samples import EvalSample

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Answer:
    """The regions a method found for a sample, a row a region.

    Attributes:
        masks: bool `[n, h, w]`.
        scores: float32 `[n]`; ones where the method gives no scores.
        classes: The class of each region: its phrase's `class_id` in the query; zeros where the
            method gives no phrases.
    """

    masks: Tensor
    scores: Tensor
    classes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.masks)


def check_answers(graph: Graph) -> None:
    """Checks that a method's answers can be scored.

    Raises:
        UserError: If the method has no output of masks.
    """
    if Masks not in output_types(graph).values():
        there = ", ".join(f"{name} ({t.__name__})" for name, t in output_types(graph).items())
        raise UserError(
            "a benchmark of masks needs a method with an output of type Masks",
            where=graph.name,
            fix=f"its outputs are: {there}",
        )


def answer_of(outputs: Mapping[str, Any], sample: EvalSample) -> Answer:
    """Reads an answer from a method's outputs.

    Args:
        outputs: The outputs of one sample by name; the first of each type counts.
        sample: What was asked.

    Raises:
        StageError: If the outputs do not belong together, or do not fit what was asked.
    """
    import torch

    first: dict[type, Any] = {}
    for value in outputs.values():
        first.setdefault(type(value), value)
    masks = first[Masks].data
    scores = first.get(Scores)
    phrases = first.get(Phrases)
    answer = Answer(
        masks,
        torch.ones(len(masks), device=masks.device) if scores is None else scores.values,
        (0,) * len(masks) if phrases is None else tuple(p.class_id for p in phrases.items),
    )
    _check(answer, sample)
    return answer


def _check(answer: Answer, sample: EvalSample) -> None:
    rows = {len(answer.masks), len(answer.scores), len(answer.classes)}
    if len(rows) > 1:
        raise StageError(
            f"{len(answer.masks)} masks, {len(answer.scores)} scores and "
            f"{len(answer.classes)} phrases are no answer",
            where="outputs",
            fix="give the columns of one set of regions",
        )
    if tuple(answer.masks.shape[1:]) != sample.size:
        (height, width), (lines, columns) = answer.masks.shape[1:], sample.size
        raise StageError(
            f"the masks are {width}x{height}, the image is {columns}x{lines}", where="outputs"
        )
    asked = len(set(sample.class_ids) or sample.phrases)
    if odd := [one for one in answer.classes if not 0 <= one < asked]:
        raise StageError(f"class {odd[0]} is none of the {asked} of the query", where="outputs")


def output_types(graph: Graph) -> dict[str, type]:
    """The edge type of each output of a method, by name."""
    from openseg.graph.stage import signature_of

    return {
        name: signature_of(graph.nodes[source.node].stage).outputs[source.port].kind
        if source.node
        else graph.inputs[source.port]
        for name, source in graph.outputs.items()
    }
