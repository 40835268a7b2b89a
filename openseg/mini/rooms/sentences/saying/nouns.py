"""Small matters of English: articles, plurals of parts, numbers."""

from openseg.mini.rooms.catalogue import category
from openseg.mini.rooms.sentences.saying.wording import VERBS

MASS_PARTS = frozenset({"glass", "wax", "tissue"})
"""Parts that are never counted."""

_SINGULAR_IN_S = frozenset({"glass", "canvas"})
_PLURALS = frozenset({"headphones", "feet"})


def is_plural(word: str) -> bool:
    """Whether the name of a category or part is a plural form."""
    return word in _PLURALS or (word.endswith("s") and word not in _SINGULAR_IN_S)


def plural_part(part: str) -> str:
    """The plural of a part's name."""
    if is_plural(part):
        return part
    if part == "foot":
        return "feet"
    if part.endswith("y") and part[-2] not in "aeiou":
        return part[:-1] + "ies"
    return part + ("es" if part.endswith(("s", "x", "sh", "ch")) else "s")


def plural_of(name: str) -> str:
    """The plural of a category's name."""
    return category(name).plural


def article(following: str) -> str:
    """The indefinite article before a word."""
    return "an" if following[0] in "aeiou" else "a"


def agreed(words: str, plural: bool) -> str:
    """Fills the verbs of a way: "that {is}" becomes "that are" for a plural."""
    return words.format(**{verb: forms[plural] for verb, forms in VERBS.items()})
