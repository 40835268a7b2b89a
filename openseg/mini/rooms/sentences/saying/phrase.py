"""Words with their dependency tree, built from the head outwards.

A word's head is the word it depends on; labels follow Universal Dependencies, cut down to what a
small parser needs. Every subtree is one run of words.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar, get_args

T = TypeVar("T")

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


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words and the tree over them.

    Attributes:
        words: The words; "'s" is one of its own.
        steps: How many words after each word its head comes; 0 for the root.
        labels: What each word is to its head.
        root: Index of the word that depends on no other.
    """

    words: tuple[str, ...]
    steps: tuple[int, ...]
    labels: tuple[Label, ...]
    root: int

    @property
    def text(self) -> str:
        """The words as they are written."""
        return " ".join(self.words).replace(" 's", "'s")

    @property
    def heads(self) -> tuple[int, ...]:
        """Index of each word's head; -1 for the root."""
        return tuple(k + step if step else -1 for k, step in enumerate(self.steps))

    @property
    def head_span(self) -> tuple[int, int]:
        """First word and end of the head noun: (2, 4) in "a red office chair"."""
        start = self.root
        while start and self.labels[start - 1] == "compound":
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
        heads = self.heads
        inside = {index}
        while more := {k for k, head in enumerate(heads) if head in inside} - inside:
            inside |= more
        return min(inside), max(inside) + 1

    def led(self, label: Label, other: "Phrase") -> "Phrase":
        """This phrase with another one before it that depends on its root."""
        root = len(other.words) + self.root
        steps = _replaced(other.steps, other.root, root - other.root) + self.steps
        labels = _replaced(other.labels, other.root, label) + self.labels
        return Phrase(other.words + self.words, steps, labels, root)

    def then(self, label: Label, other: "Phrase") -> "Phrase":
        """This phrase with another one after it that depends on its root."""
        step = self.root - len(self.words) - other.root
        steps = self.steps + _replaced(other.steps, other.root, step)
        labels = self.labels + _replaced(other.labels, other.root, label)
        return Phrase(self.words + other.words, steps, labels, self.root)


def _replaced(items: tuple[T, ...], index: int, item: T) -> tuple[T, ...]:
    return (*items[:index], item, *items[index + 1 :])


@lru_cache(maxsize=4096)
def fixed(text: str) -> Phrase:
    """Words that act as one: the first is the root of the others."""
    words = tuple(text.split())
    labels: list[Label] = ["root", *["fixed" for _ in words[1:]]]  # type: ignore[list-item]
    return Phrase(words, tuple(-k for k in range(len(words))), tuple(labels), 0)


@lru_cache(maxsize=1024)
def noun(text: str) -> Phrase:
    """A noun: the last word is the root, the others are its compounds."""
    words = tuple(text.split())
    last = len(words) - 1
    labels: list[Label] = [*["compound" for _ in words[1:]], "root"]  # type: ignore[list-item]
    return Phrase(words, tuple(last - k for k in range(len(words))), tuple(labels), last)
