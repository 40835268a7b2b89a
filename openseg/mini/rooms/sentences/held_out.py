"""What only `test_unseen` hears, beside the colour-category pairs that it alone sees.

Held out are whole constructions, one way to say each of the others (marked in `saying/wording.py`),
category-part pairs, and colour-category pairs even where a sentence is false.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.held_out import UNSEEN_PARTS, held_out
from openseg.mini.rooms.sentences.meaning.forms import (
    Between,
    ByDistance,
    Coloured,
    Form,
    Group,
    HasPart,
    Kind,
    Not,
    Related,
    Test,
)
from openseg.mini.rooms.vocabulary import COLOURS

HeldOut = Literal["construction", "phrasing", "pair", "part"]
"""What can be held out in a sentence."""

UNSEEN_CONSTRUCTIONS: frozenset[str] = frozenset(
    {
        "part of related",
        "between coloured",
        "ordinal from right",
        "superlative of related",
        "negated relation",
    }
)
"""Names of the constructions that only `test_unseen` uses."""

UNSEEN_PAIRS = frozenset((c, k.name) for c in COLOURS for k in CATEGORIES if held_out(c, k.name))
_UNSEEN_PARTS = frozenset(UNSEEN_PARTS)


def pairs(groups: Sequence[Group]) -> Iterator[tuple[str, str]]:
    """The (colour, category) pairs that groups name, true or not."""
    for group in groups:
        if isinstance(group.noun, Kind):
            for test in group.tests:
                plain = test.test if isinstance(test, Not) else test
                if isinstance(plain, Coloured):
                    yield plain.colour, group.noun.category


def parts(
    form: Form, groups: Sequence[Group], categories: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """The (category, part) pairs that a form asks for.

    Args:
        form: The form.
        groups: All its groups, landmarks included.
        categories: The categories of its targets, for parts that are asked for without an owner.
    """
    asked = [(form.groups[0].noun, form.part.part)] if form.part is not None else []
    for group in groups:
        for test in group.tests:
            plain = test.test if isinstance(test, Not) else test
            if isinstance(plain, HasPart):
                asked.append((group.noun, plain.part))
    for noun, part in asked:
        owners = {noun.category} if isinstance(noun, Kind) else categories
        yield from ((owner, part) for owner in sorted(owners))


def unseen_in(form: Form, categories: frozenset[str]) -> list[HeldOut]:
    """Which held-out pairs a form names, landmarks included: some of "pair" and "part".

    Args:
        form: The form.
        categories: The categories of its targets.
    """
    groups = groups_of(form)
    found: list[HeldOut] = []
    if any(pair in UNSEEN_PAIRS for pair in pairs(groups)):
        found.append("pair")
    if any(pair in _UNSEEN_PARTS for pair in parts(form, groups, categories)):
        found.append("part")
    return found


def groups_of(form: Form) -> list[Group]:
    """All groups of a form, landmarks included."""
    found = list(form.groups)
    for group in found:  # grows while it is read
        for test in group.tests:
            found += _landmarks(test.test if isinstance(test, Not) else test)
        if isinstance(group.pick, ByDistance):
            found.append(group.pick.landmark)
    return found


def _landmarks(test: Test) -> list[Group]:
    match test:
        case Related(_, landmark):
            return [landmark]
        case Between(first, second):
            return [first, second]
        case _:
            return []
