"""The words of each phrase that stand for something to see: things, and what is said of them.

Liu et al., "Segment Anyword: Mask Prompt Inversion for Open-Set Grounded Segmentation", ICML 2025,
arXiv:2505.17994, look at the nouns and adjectives of an expression one by one.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import ParsedPhrase, ParsedQuery, Phrase, Phrases, TextQuery


@stage("query.content_words")
class ContentWords(Stage):
    """Nouns with their compounds, and modifiers that are not denied, phrase by phrase.

    A word is a phrase of its own: its class is that of the phrase it stands in, its span is its
    place in the query. The first word of each phrase is the noun that the phrase is about.
    """

    class Outputs(NamedTuple):
        """The words."""

        words: Batch[Phrases]

    def run(self, query: Batch[TextQuery], parsed: Batch[ParsedQuery]) -> Outputs:
        """Takes the words out of every query's phrases."""
        found = []
        for one, trees in zip(query, parsed, strict=True):
            pairs = zip(one.phrases, trees.phrases, strict=True)
            found.append(Phrases(tuple(word for pair in pairs for word in _words(*pair))))
        return self.Outputs(found)


def _words(phrase: Phrase, tree: ParsedPhrase) -> list[Phrase]:
    others = [noun for noun in tree.nouns if noun != tree.root]
    spans = [tree.noun_span(noun) for noun in (tree.root, *others)]
    spans += [one.span for one in tree.modifiers if not one.negated]
    offset = phrase.span[0]
    return [
        Phrase(phrase.text[start:end], phrase.class_id, (offset + start, offset + end))
        for start, end in dict.fromkeys(spans)
    ]
