"""All things that the phrases of a query name: what is asked for, and the landmarks beside it."""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import ParsedQuery, Phrase, TextQuery


@stage("query.named_things")
class NamedThings(Stage):
    """Makes each noun phrase a phrase of its own; the same words are the same class."""

    class Outputs(NamedTuple):
        """The things, with their places in the text of the query."""

        things: Batch[TextQuery]

    def run(self, query: Batch[TextQuery], parsed: Batch[ParsedQuery]) -> Outputs:
        """Takes the noun phrases out of every query."""
        return self.Outputs([_things(*pair) for pair in zip(query, parsed, strict=True)])


def _things(query: TextQuery, parsed: ParsedQuery) -> TextQuery:
    classes: dict[str, int] = {}
    found: dict[tuple[int, int], Phrase] = {}
    for phrase, tree in zip(query.phrases, parsed.phrases, strict=True):
        for noun in tree.nouns:
            start, end = tree.noun_phrase_span(noun)
            words = phrase.text[start:end]
            span = phrase.span[0] + start, phrase.span[0] + end
            class_id = classes.setdefault(words.lower(), len(classes))
            found.setdefault(span, Phrase(words, class_id, span))
    return TextQuery(query.text, tuple(found.values()))
