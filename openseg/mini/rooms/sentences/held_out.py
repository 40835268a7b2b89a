"""What only `test_unseen` hears, beside the colour-category pairs that it alone sees.

Held out are whole constructions, one way to say each of the others (marked in `saying/wording.py`),
category-part pairs, and colour-category pairs even where a sentence is false.
"""

from collections.abc import Iterator

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


def pairs(form: Form) -> Iterator[tuple[str, str]]:
    """The (colour, category) pairs that a form names, true or not, landmarks included."""
    for group in _groups(form):
        if isinstance(group.noun, Kind):
            for test in group.tests:
                plain = test.test if isinstance(test, Not) else test
                if isinstance(plain, Coloured):
                    yield plain.colour, group.noun.category


def parts(form: Form, categories: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The (category, part) pairs that a form asks for.

    Args:
        form: The form.
        categories: The categories of its targets, for parts that are asked for without an owner.
    """
    for group in _groups(form):
        named = {group.noun.category} if isinstance(group.noun, Kind) else categories
        for test in group.tests:
            plain = test.test if isinstance(test, Not) else test
            if isinstance(plain, HasPart):
                yield from ((name, plain.part) for name in sorted(named))
    if form.part is not None:
        noun = form.groups[0].noun
        named = {noun.category} if isinstance(noun, Kind) else categories
        yield from ((name, form.part.part) for name in sorted(named))


def unseen_in(form: Form, categories: frozenset[str]) -> list[str]:
    """Which held-out pairs a form names: some of "pair" and "part"."""
    found = []
    if any(pair in UNSEEN_PAIRS for pair in pairs(form)):
        found.append("pair")
    if any(pair in _UNSEEN_PARTS for pair in parts(form, categories)):
        found.append("part")
    return found


def _groups(form: Form) -> Iterator[Group]:
    """All groups of a form, landmarks included."""
    waiting = list(form.groups)
    while waiting:
        group = waiting.pop()
        yield group
        for test in group.tests:
            waiting += _landmarks(test.test if isinstance(test, Not) else test)
        if isinstance(group.pick, ByDistance):
            waiting.append(group.pick.landmark)


def _landmarks(test: Test) -> list[Group]:
    match test:
        case Related(_, landmark):
            return [landmark]
        case Between(first, second):
            return [first, second]
        case _:
            return []
