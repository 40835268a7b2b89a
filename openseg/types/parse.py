"""What a phrase says of what: its words, the word each depends on, and what follows from that.

Roles are those of Universal Dependencies cut down to noun phrases. Words that link two nouns are
`case` words of the second one, verbs too: in "man holding a cup" the cup is an `nmod` of the man
and "holding" its `case`. So a relation is always some words between two nouns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

Role = Literal[
    "root",      # the noun the phrase is about
    "det",       # the, a, all
    "num",       # two
    "compound",  # office -> chair
    "amod",      # red -> cup, also in "cup that is red"
    "case",      # left (of), on, holding, 's -> the landmark or owner
    "fixed",     # the later words of a group that acts as one
    "nmod",      # a landmark, an owner, a part that is had
    "conj",      # the second of two things
    "cc",        # and
    "neg",       # not, without
    "mark",      # that is, to
    "acl",       # sit -> something, running -> man
    "frame",     # (in the) picture: whose left and right are meant
]  # fmt: skip
"""What a word is to its head."""

ROLES: tuple[Role, ...] = get_args(Role)
"""All roles."""

Span = tuple[int, int]
"""Start and end in characters of the phrase's text."""

_LINKING: frozenset[Role] = frozenset({"case", "neg", "mark", "cc", "fixed"})
_DESCRIBING: frozenset[Role] = frozenset({"amod", "acl", "num"})


@dataclass(frozen=True)
class ParsedWord:
    """One word of a phrase.

    Attributes:
        start: Where it begins in the phrase's text, in characters.
        end: Where it ends.
        head: Index of the word it depends on; -1 for the root.
        role: What it is to that word.
    """

    start: int
    end: int
    head: int
    role: Role


class Modifier(NamedTuple):
    """Something said of one noun without a second noun: "red", "that is not red", "to sit on".

    Attributes:
        noun: Index of the noun.
        word: Index of the word that says it.
        span: That word with those that depend on it, without "that is" and "not".
        negated: Whether it is denied.
    """

    noun: int
    word: int
    span: Span
    negated: bool


class Relation(NamedTuple):
    """What links a noun to another one: "on", "to the left of", "holding", "of", "with".

    Attributes:
        noun: Index of the noun of which it is said.
        landmark: Index of the other noun.
        span: The linking words; empty, at the landmark's start, where there are none.
        negated: Whether it is denied ("not left of", "without").
    """

    noun: int
    landmark: int
    span: Span
    negated: bool


@dataclass(frozen=True)
class ParsedPhrase:
    """A phrase with its dependency tree.

    Attributes:
        text: The phrase.
        words: Its words in order, at least one, exactly one of them the root.
    """

    text: str
    words: tuple[ParsedWord, ...]

    def __len__(self) -> int:
        return len(self.words)

    def word(self, index: int) -> str:
        """A word as it is written."""
        return self.text[self.words[index].start : self.words[index].end]

    @property
    def root(self) -> int:
        """Index of the noun the phrase is about."""
        return next(i for i, word in enumerate(self.words) if word.head < 0)

    @property
    def nouns(self) -> tuple[int, ...]:
        """Indices of the nouns that stand for things, in order, the root among them."""
        return tuple(i for i in range(len(self)) if self._own_role(i) in {"root", "nmod"})

    def noun_span(self, noun: int) -> Span:
        """A noun with its compounds: "office chair"."""
        first = noun
        while first and self.words[first - 1].role == "compound" and self._under(first - 1, noun):
            first -= 1
        return self._between(first, noun)

    def noun_phrase_span(self, noun: int) -> Span:
        """A noun with all that stands directly before it: "the small red office chair"."""
        first = noun
        while (
            first
            and self._under(first - 1, noun)
            and self.words[self._child_over(first - 1, noun)].role not in _LINKING
        ):
            first -= 1
        return self._between(first, noun)

    def subtree(self, index: int) -> tuple[int, ...]:
        """Indices of a word and all that depend on it, in order."""
        return tuple(i for i in range(len(self)) if self._under(i, index))

    @property
    def modifiers(self) -> tuple[Modifier, ...]:
        """Everything that is said of a noun without a second noun, in the order of the words."""
        return tuple(
            Modifier(noun, i, self._bare_span(i), self._negated(i))
            for i in range(len(self))
            if self._own_role(i) in _DESCRIBING and (noun := self._described(i)) in self.nouns
        )

    @property
    def relations(self) -> tuple[Relation, ...]:
        """Everything that links two nouns, in the order of the words."""
        found = []
        for i in self.nouns:
            if self._own_role(i) == "root":
                continue
            noun = self._described(i)
            if noun not in self.nouns:  # "second from the left" is said of what is second
                noun = self._described(noun)
            span = self._linking_span(i)
            found.append(Relation(noun, i, span, self._negated(i)))
        return tuple(found)

    def _heads(self, index: int) -> Iterator[int]:
        """A word, its head, the head of that, up to the root."""
        while index >= 0:
            yield index
            index = self.words[index].head

    def _under(self, index: int, top: int) -> bool:
        return top in self._heads(index)

    def _child_over(self, index: int, top: int) -> int:
        """The word on the way from a word up to another one that depends on the latter."""
        return next(i for i in self._heads(index) if self.words[i].head == top)

    def _first_of(self, index: int) -> int:
        """The first of the words joined by "and" to which a word belongs."""
        return next(i for i in self._heads(index) if self.words[i].role != "conj")

    def _own_role(self, index: int) -> Role:
        """A word's role; that of the first of several joined ones."""
        return self.words[self._first_of(index)].role

    def _described(self, index: int) -> int:
        return self.words[self._first_of(index)].head

    def _children(self, index: int, *roles: Role) -> list[int]:
        return [i for i, w in enumerate(self.words) if w.head == index and w.role in roles]

    def _negated(self, index: int) -> bool:
        return bool(self._children(index, "neg"))

    def _linking_span(self, noun: int) -> Span:
        """The `case` words of a noun, or of the first noun it is joined to."""
        for i in (noun, self._first_of(noun)):
            links = [k for c in self._children(i, "case", "neg") for k in self.subtree(c)]
            if links:
                return self._between(min(links), max(links))
        start = self.words[noun].start
        return start, start

    def _bare_span(self, index: int) -> Span:
        left_out = self._children(index, "mark", "neg", "cc", "conj", "nmod")
        words = [i for i in self.subtree(index) if not any(self._under(i, c) for c in left_out)]
        return self._between(words[0], words[-1])

    def _between(self, first: int, last: int) -> Span:
        return self.words[first].start, self.words[last].end


@dataclass(frozen=True)
class ParsedQuery:
    """The query's phrases, parsed.

    Attributes:
        phrases: One a phrase of the query, in that order.
    """

    phrases: tuple[ParsedPhrase, ...]

    def __len__(self) -> int:
        return len(self.phrases)
