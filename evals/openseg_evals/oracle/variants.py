"""A method with more and more of its stages replaced by ground truth, as graphs of their own.

Run together with the method by `openseg.graph.executor.execute_many`, they share everything that
was not replaced; the differences of their scores say what each stage costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openseg.graph.graph import Graph
from openseg.types.errors import UserError
from openseg_evals.oracle import steps
from openseg_evals.oracle.draft import Draft


@dataclass(frozen=True)
class Variant:
    """A method with an oracle in it.

    Attributes:
        step: The step's key, the same for every method: `score`, `grounding`, `proposals`, `masks`.
        label: The step in words, with the nodes it replaced: `perfect proposals (propose)`.
        graph: The method with this step and those before it. It has one more input than the
            method, `truth`, of type `openseg_evals.oracle.truth.Truth`.
    """

    step: str
    label: str
    graph: Graph


STEPS: dict[str, tuple[str, Callable[[Draft], steps.Nodes]]] = {
    "score": ("perfect score", steps.perfect_score),
    "grounding": ("perfect text grounding", steps.perfect_grounding),
    "proposals": ("perfect proposals", steps.perfect_proposals),
    "masks": ("perfect masks", steps.perfect_masks),
}
"""Key, words and work of each step, in the order in which they are added up."""


def with_given(graph: Graph, given: Sequence[str]) -> Graph:
    """A method with what a benchmark's protocol gives it, such as the true masks of a scene.

    Args:
        graph: The method.
        given: Steps, in any order; none leave the method as it is.

    Raises:
        UserError: If there is no such step, or the method has no ports for it.
    """
    if unknown := [key for key in given if key not in STEPS]:
        fix = f"there are: {', '.join(STEPS)}"
        raise UserError(f"there is no oracle step {unknown[0]!r}", fix=fix)
    draft = Draft(graph)
    for key, (words, step) in STEPS.items():
        if key in given and not step(draft):
            raise UserError(
                f"the benchmark gives {words}, which the method has no place for",
                where=graph.name,
                fix="choose a pipeline that makes them in a node of its own, or another benchmark",
            )
    return draft.graph(graph.name) if given else graph


def variants(graph: Graph, given: Sequence[str] = ()) -> list[Variant]:
    """The oracle variants of a method: one for each step that its ports allow.

    Args:
        graph: The method; what is given is not in it yet.
        given: Steps that the benchmark's protocol gives to every method: all variants have them.

    Returns:
        In order, each with the steps of those before it; none if no step finds its ports.
    """
    draft = Draft(graph)
    found = []
    for key in given:
        STEPS[key][1](draft)
    for key, (words, step) in STEPS.items():
        if key not in given and (nodes := step(draft)):
            label = f"{words} ({', '.join(nodes)})"
            found.append(Variant(key, label, draft.graph(f"{graph.name}@{key}")))
    return found
