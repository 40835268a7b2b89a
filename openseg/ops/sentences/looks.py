"""What of a phrase is seen on a region alone: "the largest mug that is red" is a "red mug"."""

from __future__ import annotations

from openseg.ops.sentences import choice
from openseg.types import ParsedPhrase, Phrase, TextQuery

_PRONOUNS = {"one", "ones"}


def looks_of(tree: ParsedPhrase, noun: int) -> str:
    """A noun with what is said of its looks: compounds, adjectives, and what it is for.

    Comparisons, counts and what is denied are left out: they are not seen on a region alone. "The
    metallic one" is a metallic thing of the kind that the phrase is about.

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
    named = tree.root if tree.word(noun).lower() in _PRONOUNS else noun
    start, end = tree.noun_span(named)
    return " ".join([*adjectives, tree.text[start:end], *clauses])


def denied_of(tree: ParsedPhrase, noun: int) -> list[str]:
    """What a noun is said not to be, with the noun: "plain mug" of "the mug that is not plain"."""
    start, end = tree.noun_span(noun)
    return [
        f"{tree.text[slice(*one.span)]} {tree.text[start:end]}"
        for one in tree.modifiers
        if one.noun == noun and one.negated
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
