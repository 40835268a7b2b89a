"""spaCy's dependency trees as ours, in which verbs between two nouns are links, not heads.

Both of spaCy's label sets are read: that of its English models (ClearNLP) and Universal
Dependencies. Each noun climbs to the nearest noun above it; the words on the way that no other noun
has taken link the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openseg.types import ParsedPhrase, ParsedWord
from openseg.types.parse import Role

_NOUNS = frozenset(
    {
        "ROOT", "root", "nsubj", "nsubjpass", "nsubj:pass", "dobj", "obj", "iobj", "dative",
        "pobj", "obl", "obl:agent", "obl:arg", "obl:mod", "nmod", "nmod:poss", "poss", "attr",
        "appos", "oprd", "npadvmod", "obl:npmod", "vocative", "dislocated",
    }
)  # fmt: skip
_LINKS = frozenset(
    {
        "prep", "agent", "acl", "acl:relcl", "relcl", "advcl", "xcomp", "ccomp", "pcomp",
        "advmod", "acomp", "parataxis", "dep",
    }
)  # fmt: skip
_PLAIN: dict[str, Role] = {
    "det": "det", "predet": "det", "det:predet": "det", "det:poss": "det", "poss": "det",
    "nmod:poss": "det", "nummod": "num", "num": "num", "quantmod": "num", "compound": "compound",
    "nn": "compound", "flat": "compound", "flat:name": "compound", "amod": "amod", "case": "case",
    "neg": "neg", "mark": "mark", "aux": "mark", "auxpass": "mark", "aux:pass": "mark",
    "cop": "mark", "expl": "mark", "cc": "cc", "preconj": "cc", "prt": "fixed",
    "compound:prt": "fixed", "fixed": "fixed",
}  # fmt: skip
"""Our role of words that keep their head."""

_ACTIONS = frozenset({"acl", "acl:relcl", "relcl", "advcl", "xcomp", "ccomp", "parataxis", "dep"})
_RELATIVE = frozenset({"who", "whom", "that", "which", "whose", "thats"})
_NEGATIONS = frozenset({"not", "n't", "no", "without"})


def as_phrase(text: str, doc: Any) -> ParsedPhrase:
    """Turns a parsed document into one tree.

    Args:
        text: The phrase.
        doc: spaCy's document of it; several sentences become one tree under the first root.

    Returns:
        The tree, without punctuation; a text without words has one word: all of it.
    """
    tokens = [one for one in doc if not (one.is_space or one.is_punct)]
    if not tokens:
        return ParsedPhrase(text, (ParsedWord(0, len(text), -1, "root"),))
    heads, roles = _Tree(tokens).read()
    place = {token.i: index for index, token in enumerate(tokens)}
    return ParsedPhrase(
        text,
        tuple(
            ParsedWord(
                token.idx,
                token.idx + len(token.text),
                place.get(heads[token.i], -1),
                roles[token.i],
            )
            for token in tokens
        ),
    )


class _Tree:
    """The words of a phrase while their heads are found; all by their index in the document."""

    def __init__(self, tokens: Sequence[Any]) -> None:
        self._tokens = {token.i: token for token in tokens}
        self._labels = {token.i: str(token.dep_) for token in tokens}
        self._above = {token.i: self._head(token) for token in tokens}
        self.root = self._noun_of_root(next(i for i, up in self._above.items() if up < 0))
        self._nouns = {i for i in self._tokens if self._is_noun(i)}
        self._taken: dict[int, int] = {}
        self._heads: dict[int, int] = {self.root: -1}
        self._roles: dict[int, Role] = {self.root: "root"}

    def read(self) -> tuple[dict[int, int], dict[int, Role]]:
        """Heads (-1 for the root) and roles."""
        for noun in sorted(self._nouns - {self.root}):
            self._place_noun(noun)
        for i in sorted(set(self._tokens) - set(self._heads)):
            if self._dep(i) in _ACTIONS and not self._attribute_of(i):
                is_so = any(self._dep(k) == "cop" for k in self._below(i))
                self._heads[i] = self._noun_above(i)
                self._roles[i] = "amod" if is_so else "acl"
        for i in sorted(set(self._tokens) - set(self._heads)):
            self._place_other(i)
        return self._heads, self._roles

    def _head(self, token: Any) -> int:
        """Index of the head, past punctuation; that of further sentences is the first root."""
        first = next(one for one in token.doc if one.head.i == one.i)
        while token.head.i != token.i:
            token = token.head
            if not (token.is_punct or token.is_space):
                return int(token.i)
        return -1 if token.i == first.i else int(first.i)

    def _noun_of_root(self, root: int) -> int:
        """Where a verb was taken for the root ("man wearing a hat"), its subject is; they swap."""
        subjects = [i for i in self._below(root) if self._dep(i).startswith("nsubj")]
        subjects = [i for i in subjects if not self._is_relative(i)]
        if not subjects:
            return root
        self._above[root], self._above[subjects[0]] = subjects[0], -1
        self._labels[root] = "acl"
        return subjects[0]

    def _place_noun(self, noun: int) -> None:
        """Hangs a noun on the nearest noun above it, and the words between them on the noun."""
        above, path = self._above[noun], []
        while above not in self._nouns:
            path.append(above)
            above = self._above[above]
        joined = self._dep(noun) == "conj" and not path
        self._heads[noun], self._roles[noun] = above, "conj" if joined else "nmod"
        mine = [i for i in path if i not in self._taken]
        self._taken.update(dict.fromkeys(mine, noun))
        links = sorted({*mine, *(i for i in self._below(noun) if self._dep(i) == "case")})
        for i in links:
            first = i == links[0]
            role: Role = "neg" if self._says_no(i) else "case"
            self._heads[i], self._roles[i] = (noun, role) if first else (links[0], "fixed")

    def _place_other(self, i: int) -> None:
        """Everything that is neither a noun nor a link: it keeps its head, or that of its link."""
        above, dep = self._above[i], self._dep(i)
        above = above if above >= 0 else self.root
        owner = self._taken.get(above, above)
        attribute = self._attribute_of(above)
        if self._dep(above) in _ACTIONS and attribute is not None and i != attribute:
            owner = attribute
        role: Role = _PLAIN.get(dep, "fixed" if dep in _LINKS else "amod")
        if self._says_no(i):
            role = "neg"
        elif self._is_relative(i):
            role = "mark"
        elif dep == "cc":
            owner = self._joined_after(i, owner)
        elif dep == "conj":
            role, owner = ("acl", self._noun_above(i)) if above in self._taken else ("conj", above)
        elif i == attribute:
            role, owner = "amod", self._noun_above(i)
        elif self._attribute_of(i) is not None:
            role, owner = "mark", self._attribute_of(i)  # type: ignore[assignment]
        self._heads[i], self._roles[i] = owner, role

    def _attribute_of(self, verb: int) -> int | None:
        """The adjective of "that is red", if this is its "is"."""
        found = [i for i in self._below(verb) if self._dep(i) in {"acomp", "xcomp"}]
        return found[0] if found and self._dep(found[0]) == "acomp" else None

    def _joined_after(self, i: int, owner: int) -> int:
        """The word that an "and" joins; in ClearNLP it hangs on the word before it."""
        later = [k for k in self._below(self._above[i]) if self._dep(k) == "conj" and k > i]
        return self._taken.get(later[0], later[0]) if later else owner

    def _noun_above(self, i: int) -> int:
        above = self._above[i]
        while above >= 0 and above not in self._nouns:
            above = self._above[above]
        return above if above >= 0 else self.root

    def _is_noun(self, i: int) -> bool:
        dep = self._dep(i)
        if i == self.root:
            return True
        if dep == "conj":
            return self._is_noun(self._above[i])
        if dep in {"poss", "nmod:poss"}:  # "his" is a determiner, "the boy's" is an owner
            return any(self._dep(k) == "case" for k in self._below(i))
        return dep in _NOUNS and not self._is_relative(i)

    def _below(self, i: int) -> list[int]:
        return [k for k, above in self._above.items() if above == i]

    def _dep(self, i: int) -> str:
        return self._labels[i]

    def _is_relative(self, i: int) -> bool:
        return self._tokens[i].lower_ in _RELATIVE and self._dep(i) not in {"det", "ROOT", "root"}

    def _says_no(self, i: int) -> bool:
        return self._dep(i) != "det" and self._tokens[i].lower_ in _NEGATIONS
