"""What of a phrase is seen on a region alone: "the largest mug that is red" is a "red mug"."""

from __future__ import annotations

from openseg.ops.sentences import choice
from openseg.ops.sentences.places import meaning_of
from openseg.types import ParsedPhrase, Phrase, TextQuery

_PRONOUNS = {"one", "ones"}
_PARTS = {"part": "of the", "has": "with"}


def looks_of(tree: ParsedPhrase, noun: int) -> str:
    """A noun with what is said of its looks: compounds, adjectives, what it is for and a part of.

    Comparisons, counts and what is denied are left out: they are not seen on a region alone. "The
    metallic one" is a metallic thing of the kind that the phrase is about. A part is known by its
    whole: "the handle of the mug" looks like a "handle of the mug", not like any handle; and a
    whole by its parts.

    Args:
        tree: The phrase.
        noun: Index of one of its nouns.
    """
    adjectives, clauses = [], []
    first = tree.noun_span(noun)[0]
    for one in tree.modifiers:
        words = tree.text[slice(*one.span)]
        if one.noun != noun or one.negated or choice.compares(words):
            continue
        role = tree.words[one.word].role
        if role == "acl" and one.span[0] > first:
            clauses.append(f"to {words}")
        elif role != "num":
            adjectives.append(words)
    clauses += [words for words, negated in _parts(tree, noun) if not negated]
    named = tree.root if tree.word(noun).lower() in _PRONOUNS else noun
    start, end = tree.noun_span(named)
    return " ".join([*adjectives, tree.text[start:end], *clauses])


def denied_of(tree: ParsedPhrase, noun: int) -> list[str]:
    """What a noun is said not to be, with the noun: "plain mug" of "the mug that is not plain"."""
    start, end = tree.noun_span(noun)
    name = tree.text[start:end]
    return [
        f"{tree.text[slice(*one.span)]} {name}"
        for one in tree.modifiers
        if one.noun == noun and one.negated
    ] + [f"{name} {words}" for words, negated in _parts(tree, noun) if negated]


def is_look(link: str) -> bool:
    """Whether what linking words say is seen on a region alone: it is a part, or has one."""
    return meaning_of(link) in _PARTS


def _parts(tree: ParsedPhrase, noun: int) -> list[tuple[str, bool]]:
    """What is said of a noun's parts or whole, as "with brown legs", and whether it is denied."""
    return [
        (f"{_PARTS[meaning_of(said)]} {looks_of(tree, link.landmark)}", link.negated)
        for link in tree.relations
        if link.noun == noun and is_look(said := tree.text[slice(*link.span)])
    ]


def all_looks(query: TextQuery, trees: tuple[ParsedPhrase, ...]) -> dict[str, int]:
    """Every description that the phrases of a query hold, each once, with its number.

    Args:
        query: The query.
        trees: Its phrases, parsed.
    """
    found: dict[str, int] = {}
    for _phrase, tree in zip(query.phrases, trees, strict=True):
        for noun in tree.nouns:
            for words in (looks_of(tree, noun), *denied_of(tree, noun)):
                found.setdefault(words.lower(), len(found))
    return found


def as_query(query: TextQuery, trees: tuple[ParsedPhrase, ...]) -> TextQuery:
    """`all_looks` as a query: a phrase and a class each, joined with semicolons."""
    phrases: list[Phrase] = []
    start = 0
    for words, number in all_looks(query, trees).items():
        phrases.append(Phrase(words, number, (start, start + len(words))))
        start += len(words) + 2
    return TextQuery("; ".join(phrase.text for phrase in phrases), tuple(phrases))
