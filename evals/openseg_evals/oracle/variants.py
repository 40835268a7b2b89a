"""A method with more and more of its stages replaced by ground truth, as graphs of their own.

Run together with the method by `openseg.graph.executor.execute_many`, they share everything that
was not replaced; the differences of their scores say what each stage costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from openseg.graph.graph import Graph
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


def variants(graph: Graph) -> list[Variant]:
    """The oracle variants of a method: one for each step that its ports allow.

    Args:
        graph: The method.

    Returns:
        In order, each with the steps of those before it; none if no step finds its ports.
    """
    draft = Draft(graph)
    found = []
    for key, (words, step) in STEPS.items():
        if nodes := step(draft):
            label = f"{words} ({', '.join(nodes)})"
            found.append(Variant(key, label, draft.graph(f"{graph.name}@{key}")))
    return found
