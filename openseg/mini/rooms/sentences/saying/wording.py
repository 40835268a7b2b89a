"""The wording tables: how everything in a logical form can be said, held-out ways marked.

A held-out way puts words of the other ways together anew, or adds a word that means little: what
it means can be understood by who knows the other ways. Words in capitals stand for what the
builders of phrases make.
"""

from openseg.mini.rooms.sentences.meaning.forms import Ground, Quality, Relation
from openseg.mini.rooms.sentences.saying.speaker import Ways
from openseg.mini.rooms.vocabulary import SizeWord

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
"""Number words by number."""

PLACES = ("first", "second", "third", "fourth", "fifth")
"""Ordinal words, from 1."""

GENERIC = Ways(("thing", "object", "item"))
"""Nouns for things of all categories."""

SINGLE = Ways(("the", "the", "", "a"))
"""Determiners of one thing that nothing else must set apart."""

NAKED = Ways(("the", "the", "", "a"), ("that",))
"""The same where nothing but the noun is said."""

ALL = Ways(("all the", "the", "all", "every"), ("each of the",))
"""Determiners of several things; a noun after "every" is singular."""

COUNTED = Ways(("the {n}", "all {n}", "{n}"), ("the group of {n}",))
"""Determiners of a number of things."""

TWO = Ways(("the two", "both", "two"), ("the pair of",))
"""Determiners of two things."""

EVERYTHING = Ways(("everything", "all things", "all the objects", "every object"), ("all that is",))
"""Heads for several things of all categories."""

SIZES: dict[SizeWord, Ways] = {
    "small": Ways(("small", "little")),
    "large": Ways(("large", "big")),
}
"""Adjectives of size."""

COLOUR_PLACE = Ways(("BEFORE", "BEFORE", "AFTER"), ("COLOURED",))
"""Where a colour stands that is the only attribute: "red cup", "cup that is red"."""

MATERIAL_PLACE = Ways(("BEFORE", "BEFORE", "AFTER"), ("LOOKS",))
"""The same for materials: "cup that looks striped" is held out."""

SIZE_PLACE = Ways(("BEFORE",), ("AFTER",))
"""The same for sizes: "cup that is small" is held out."""

LAST_PLACE = Ways(("BEFORE",), ("AFTER",))
"""The same for the last of several attributes: "small cup that is red" is held out."""

RELATIVE = Ways(("that {is}", "which {is}"))
"""How a clause about a noun begins."""

CONNECTIVE = Ways(("", "", "that {is}", "which {is}"), ("located",))
"""What may stand between a noun and a relation other than "on"."""

ON_CONNECTIVE = Ways(("", "", "that {is}"))
"""What may stand between a noun and "on"."""

RELATION: dict[Relation, Ways] = {
    "left": Ways(("left of", "to the left of", "on the left of"), ("on the left side of",)),
    "right": Ways(("right of", "to the right of", "on the right of"), ("on the right side of",)),
    "behind": Ways(("behind",), ("straight behind",)),
    "front": Ways(("in front of",), ("straight in front of",)),
    "above": Ways(("above", "over"), ("straight above",)),
    "under": Ways(("under", "below", "beneath"), ("straight below",)),
    "on": Ways(("on", "on", "standing on"), ("sitting on",)),
    "next": Ways(("next to", "right next to", "beside"), ("right beside",)),
}
"""Words of the relations."""

FRAME: dict[Relation, Ways] = {
    "left": Ways(("", "", "", "in the picture")),
    "right": Ways(("", "", "", "in the picture")),
    "behind": Ways(("", "", "", "seen from the camera")),
    "front": Ways(("", "", "", "seen from the camera")),
}
"""Words that name the frame of reference; without them it is the same."""

BETWEEN = Ways(("between", "in between"), ("halfway between",))
"""Words of "between"."""

GROUND: dict[Ground, Ways] = {
    "floor": Ways(("on", "standing on"), ("down on",)),
    "wall": Ways(("on", "hanging on"), ("up on",)),
}
"""Words before the floor and a wall."""

NEAREST = Ways(("nearest to", "closest to"), ("nearest",))
"""Words for the smallest distance."""

FARTHEST = Ways(("farthest from", "farthest away from"), ("farthest off from",))
"""Words for the largest distance."""

QUALITY: dict[Quality, Ways] = {
    "largest": Ways(("largest", "biggest"), ("PARTITIVE | largest",)),
    "smallest": Ways(("smallest", "littlest"), ("PARTITIVE | smallest",)),
    "tallest": Ways(("tallest",), ("PARTITIVE | tallest",)),
    "shortest": Ways(("shortest",), ("PARTITIVE | shortest",)),
    "leftmost": Ways(
        ("leftmost", "AFTER | farthest to the left"), ("AFTER | at the far left",)
    ),
    "rightmost": Ways(
        ("rightmost", "AFTER | farthest to the right"), ("AFTER | at the far right",)
    ),
    "highest": Ways(("highest", "topmost"), ("PARTITIVE | highest",)),
    "lowest": Ways(("lowest", "bottommost"), ("PARTITIVE | lowest",)),
    "closest": Ways(
        ("closest", "AFTER | closest to the camera"), ("AFTER | nearest to the camera",)
    ),
    "farthest": Ways(
        ("farthest", "AFTER | farthest from the camera"), ("AFTER | farthest off from the camera",)
    ),
}  # fmt: skip
"""Words of the superlatives: before the noun, AFTER it, or as "the largest of the cups"."""

ORDINAL = Ways(("BEFORE", "AFTER"), ("IN LINE",))
"""Words of ordinals: "second cup from the left", "cup that is second from the left"."""

NOT_A = Ways(("that {is}", "which {is}", "OTHER"), ("that {does}",))
"""Words before "not" and an attribute; "that does not look red" is held out."""

NOT_AT = Ways(("that {is}", ""), ("which {is}",))
"""Words before "not" and a relation."""

WITHOUT = Ways(("without", "with no", "that {does} not have"), ("that {has} no",))
"""Words before a part that is not there."""

HAVING = Ways(("with", "with THE", "that {has}"), ("WHOSE",))
"""Words before a part that is there; "whose handle is red" is held out."""

OWNER = Ways(("of", "of", "POSSESSIVE"), ("on",))
"""Words between a part and its owner."""

USERS = Ways(("something", "the thing", "a thing", "the object"), ("an object",))
"""Heads for one thing with a function."""

ALL_USERS = Ways(("everything", "all the things", "all things"), ("every object",))
"""Heads for several things with a function."""

USE = Ways(("to", "to", "you can"), ("one can",))
"""How a function begins."""

AND = Ways(("and", "and", "together with", "as well as"), ("and also",))
"""Words between two groups."""

VERBS: dict[str, tuple[str, str]] = {
    "is": ("is", "are"),
    "does": ("does", "do"),
    "has": ("has", "have"),
}
"""Singular and plural forms."""

LITTLE_WORDS = (
    "the a an of 's that is are look looks coloured other than one ones whose with not from "
    "in line floor wall everything things items"
)
"""Words that the builders of phrases write themselves."""
