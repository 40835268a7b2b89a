"""The oracle's steps, from the decision back to the pixels; each tells which nodes it replaced.

A step looks at types only. It changes a draft that already has the steps before it, and is given
nothing to do where a method has no such ports.
"""

from __future__ import annotations

from collections.abc import Iterator

from openseg.graph.graph import Node, Source
from openseg.types import Phrases, Rows, Scores
from openseg_evals.oracle.columns import COLUMNS
from openseg_evals.oracle.draft import Draft

Nodes = tuple[str, ...]

_CHOSEN: dict[type, str] = {Scores: "scores", Phrases: "phrases"}
"""What a choice by overlap says of the regions it keeps, by its ports."""


def perfect_score(draft: Draft) -> Nodes:
    """Rankings by the words become rankings by overlap; the answer keeps the best and no other.

    Where words choose among regions without a ranking, the choice itself is made by overlap. The
    regions are those the method found: what it threw away before it ranked them stays lost.
    """
    ports = draft.ports
    rankings = list(ports.rankings())
    # No place may depend on a ranking that is yet to come: replaced rankings never form a circle.
    replaced = [one for i, one in enumerate(rankings) if _rank(draft, one, before=rankings[i:])]
    # A ranking made of others only passes on what those cost.
    first = {
        source.node
        for source in replaced
        if not {*replaced} & {*ports.graph.nodes[source.node].inputs.values()}
    }
    chosen = [node.name for node in ports.graph.nodes.values() if _choose(draft, node)]
    # Objects of a scene carry their scores and phrases with them: who gave these decided, too.
    said = [] if first or chosen else [*_said(draft)]
    found = {*first, *chosen, *said}
    if found:
        _choose_answer(draft)
    return tuple(name for name in ports.graph.nodes if name in found)


def perfect_grounding(draft: Draft) -> Nodes:
    """Regions found with the words become the true ones, with their phrases."""
    return _true_regions(draft, worded=True)


def perfect_proposals(draft: Draft) -> Nodes:
    """Regions found without the words, or told beside the scene, become the true ones."""
    told = []
    for name, kind in draft.ports.graph.inputs.items():
        # Without words of its own a method takes them from what it is told: labels, not proposals.
        if kind in COLUMNS and COLUMNS[kind].named and draft.ports.query is not None:
            draft.swap(Source("", name), draft.true(kind, worded=False))
            draft.true_sets.add(draft.ports.row_sets[Source("", name)])
            told.append(name)
    return (*told, *_true_regions(draft, worded=False))


def perfect_masks(draft: Draft) -> Nodes:
    """What a stage makes of prompts becomes the true region that each prompt stands for."""
    ports = draft.ports
    found = []
    for node in ports.graph.nodes.values():
        prompt = ports.best_place(ports.columns(node))
        made = [source for source in ports.made(node) if COLUMNS[ports.kinds[source]].corrected]
        if prompt is None or not made or ports.row_sets[made[0]] != ports.row_sets[prompt]:
            continue
        rows = draft.truth_of(ports.row_sets[prompt]) or draft.matched(prompt)
        for source in made:
            draft.swap(source, draft.corrected(source, rows))
        found.append(node.name)
    return tuple(found)


def _said(draft: Draft) -> Iterator[str]:
    """The nodes that give an answer with scores and phrases of their own, with the words."""
    ports = draft.ports
    for source in ports.graph.outputs.values():
        column = COLUMNS.get(ports.kinds[source])
        if column is not None and column.named and source.node in ports.worded:
            yield source.node


def _rank(draft: Draft, source: Source, before: list[Source]) -> bool:
    """Replaces a ranking; not where no column says where the ranked regions are."""
    place = draft.ports.place(draft.ports.row_sets[source], before)
    if place is None:
        return False
    draft.swap(source, draft.ranked(source, place))
    return True


def _choose(draft: Draft, node: Node) -> bool:
    """Replaces a node in which words alone, without any ranking, choose among regions."""
    ports = draft.ports
    made = ports.made(node)
    read = {ports.kinds[source]: source for source in ports.columns(node)}
    place = ports.best_place(read.values())
    if (
        place is None
        or not any(ports.row_sets[source].parent for source in made)
        or not ports.reads_words(node)
        or any(COLUMNS[kind].ranked for kind in read)
        or any(ports.kinds[source] not in {*read, *_CHOSEN, Rows} for source in made)
    ):
        return False
    choice = draft.choice(f"best of {node.name}", place)
    rows = Source(choice, "rows")
    for source in made:
        kind = ports.kinds[source]
        if kind is Rows or kind in _CHOSEN:
            draft.swap(source, Source(choice, _CHOSEN.get(kind, "rows")))
        else:
            draft.swap(source, draft.taken(read[kind], kind, rows))
    return True


def _choose_answer(draft: Draft) -> None:
    """Of the regions of the answer, keeps the best for each true region."""
    ports = draft.ports
    answers = {
        name: source
        for name, source in ports.graph.outputs.items()
        if ports.kinds[source] in COLUMNS
    }
    place = ports.best_place(answers.values())
    if place is None:
        return
    choice = draft.choice("best answer", place)
    for name, source in answers.items():
        kind = ports.kinds[source]
        if kind in _CHOSEN:
            draft.answer(name, Source(choice, _CHOSEN[kind]))
            continue
        taken = draft.taken(source, kind, Source(choice, "rows"))
        draft.answer(name, draft.named(taken, kind, choice) if COLUMNS[kind].named else taken)


def _after_labels(draft: Draft) -> set[str]:
    """The nodes of a method without words that work on labelled objects it is told.

    They carry the labels on: truth in their place would not say which label it stands for.
    """
    ports = draft.ports
    if ports.query is not None:
        return set()
    kinds = ports.graph.inputs.items()
    told = [Source("", name) for name, kind in kinds if kind in COLUMNS and COLUMNS[kind].named]
    return ports.readers(*told)


def _true_regions(draft: Draft, *, worded: bool) -> Nodes:
    """Swaps all columns of the nodes that find regions; not where truth cannot give them all."""
    ports = draft.ports
    found = []
    labelled = _after_labels(draft)
    for node in ports.graph.nodes.values():
        made = ports.made(node)
        if not ports.best_place(made) or (node.name in ports.worded) is not worded:
            continue
        if node.name in labelled:
            continue
        regions = ports.row_sets[made[0]]
        proposed = regions.proposed and regions.name == node.name
        if proposed and all(COLUMNS[ports.kinds[source]].true for source in made):
            for source in made:
                true = draft.true(ports.kinds[source], worded=worded, like=source)
                draft.swap(source, true)
            draft.true_sets.add(regions)
            found.append(node.name)
    return tuple(found)
