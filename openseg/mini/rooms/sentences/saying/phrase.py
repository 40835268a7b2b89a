"""Words with their dependency tree, built from the head outwards.

A word's head is the word it depends on; labels follow Universal Dependencies, cut down to what a
small parser needs. Every subtree is one run of words.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Label = Literal[
    "root",      # the noun a sentence is about
    "det",       # the, a, all
    "num",       # two
    "compound",  # office -> chair
    "amod",      # red -> cup, also in "cup that is red"
    "case",      # left (of), on, 's -> the landmark or owner
    "fixed",     # the later words of a group that acts as one
    "nmod",      # a landmark, an owner, a part that is had
    "conj",      # the second of two things
    "cc",        # and
    "neg",       # not, without
    "mark",      # that is, to
    "acl",       # sit -> something
    "frame",     # (in the) picture: whose left and right are meant
]  # fmt: skip
"""What a word is to its head."""

LABELS: tuple[Label, ...] = get_args(Label)
"""All labels."""

_MODIFIERS: frozenset[Label] = frozenset({"amod", "nmod", "acl", "num"})


@dataclass(frozen=True)
class Phrase:
    """Words and the tree over them.

    Attributes:
        words: The words; "'s" is one of its own.
        heads: Index of each word's head; -1 for the root.
        labels: What each word is to its head.
    """

    words: tuple[str, ...]
    heads: tuple[int, ...]
    labels: tuple[Label, ...]

    @property
    def text(self) -> str:
        """The words as they are written."""
        return " ".join(self.words).replace(" 's", "'s")

    @property
    def root(self) -> int:
        """Index of the word that depends on no other."""
        return self.heads.index(-1)

    @property
    def head_span(self) -> tuple[int, int]:
        """First word and end of the head noun with its compounds: (2, 4) in "a red office chair"."""
        start = self.root
        while start and self.heads[start - 1] == self.root and self.labels[start - 1] == "compound":
            start -= 1
        return start, self.root + 1

    @property
    def modifier_spans(self) -> tuple[tuple[int, int], ...]:
        """First word and end of everything that describes the head noun, in order."""
        return tuple(
            self.span(k)
            for k, (head, label) in enumerate(zip(self.heads, self.labels, strict=True))
            if head == self.root and label in _MODIFIERS
        )

    def span(self, index: int) -> tuple[int, int]:
        """First word and end of a word's subtree."""
        inside = {index}
        grown = True
        while grown:
            more = {k for k, head in enumerate(self.heads) if head in inside} - inside
            inside |= more
            grown = bool(more)
        return min(inside), max(inside) + 1

    def led(self, label: Label, other: "Phrase") -> "Phrase":
        """This phrase with another one before it that depends on its root."""
        return _joined(other, self, label, first_is_head=False)

    def then(self, label: Label, other: "Phrase") -> "Phrase":
        """This phrase with another one after it that depends on its root."""
        return _joined(self, other, label, first_is_head=True)


def _joined(first: Phrase, second: Phrase, label: Label, first_is_head: bool) -> Phrase:
    shift = len(first.words)
    heads = list(first.heads) + [h + shift if h >= 0 else -1 for h in second.heads]
    labels = list(first.labels) + list(second.labels)
    roots = (first.root, shift + second.root)
    head, dependent = roots if first_is_head else roots[::-1]
    heads[dependent], labels[dependent] = head, label
    return Phrase(first.words + second.words, tuple(heads), tuple(labels))


def fixed(text: str) -> Phrase:
    """Words that act as one: the first is the root of the others."""
    words = tuple(text.split())
    rest = len(words) - 1
    return Phrase(words, (-1, *[0] * rest), ("root", *["fixed"] * rest))  # type: ignore[arg-type]


def noun(text: str) -> Phrase:
    """A noun: the last word is the root, the others are its compounds."""
    words = tuple(text.split())
    rest = len(words) - 1
    return Phrase(words, (*[rest] * rest, -1), (*["compound"] * rest, "root"))  # type: ignore[arg-type]
