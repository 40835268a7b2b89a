"""What each phrase of the query says of what: heads, modifiers and relations.

The tree is read from `openseg.types.ParsedPhrase`; spans are in characters of the phrase.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.tasks.parsing import SentenceParser
from openseg.ops.sentences import content
from openseg.types import ParsedPhrase, ParsedQuery, Phrase, Phrases, TextQuery


@stage("query.parse")
class ParseQuery(Stage):
    """Parses every phrase of the query."""

    class Outputs(NamedTuple):
        """A tree a phrase; the query cut down to its heads' noun phrases; its words to see."""

        parsed: Batch[ParsedQuery]
        noun_phrases: Batch[TextQuery]
        words: Batch[Phrases]

    def __init__(self, config: StageConfig, parser: SentenceParser) -> None:
        super().__init__(config)
        self.parser = parser

    def run(self, query: Batch[TextQuery]) -> Outputs:
        """Parses the phrases of all queries together, equal ones once."""
        texts = list(dict.fromkeys(phrase.text for one in query for phrase in one.phrases))
        trees = dict(zip(texts, self.parser.parse(texts), strict=True))
        parsed = [ParsedQuery(tuple(trees[phrase.text] for phrase in one.phrases)) for one in query]
        nouns = [
            replace(one, phrases=tuple(map(_noun_phrase, one.phrases, trees_of.phrases)))
            for one, trees_of in zip(query, parsed, strict=True)
        ]
        words = [content.content_words(*pair) for pair in zip(query, parsed, strict=True)]
        return self.Outputs(parsed, nouns, words)


def _noun_phrase(phrase: Phrase, tree: ParsedPhrase) -> Phrase:
    """Such as "the red cup" of "the red cup left of the lamp"."""
    start, end = tree.noun_phrase_span(tree.root)
    offset = phrase.span[0]
    return replace(phrase, text=tree.text[start:end], span=(offset + start, offset + end))
