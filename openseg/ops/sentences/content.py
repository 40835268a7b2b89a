"""The words of each phrase that stand for something to see: things, and what is said of them.

Liu et al., "Segment Anyword: Mask Prompt Inversion for Open-Set Grounded Segmentation", ICML 2025,
arXiv:2505.17994, look at the nouns and adjectives of an expression one by one.
"""

from __future__ import annotations

from openseg.types import ParsedPhrase, ParsedQuery, Phrase, Phrases, TextQuery


def content_words(query: TextQuery, parsed: ParsedQuery) -> Phrases:
    """Nouns with their compounds, and modifiers that are not denied, phrase by phrase.

    Args:
        query: The query.
        parsed: Its phrases, parsed.

    Returns:
        Each word as a phrase of its own: its class is that of the phrase it stands in, its span is
        its place in the query. The first word of each phrase is the noun that the phrase is about.
    """
    pairs = zip(query.phrases, parsed.phrases, strict=True)
    return Phrases(tuple(word for pair in pairs for word in _words(*pair)))


def _words(phrase: Phrase, tree: ParsedPhrase) -> list[Phrase]:
    others = [noun for noun in tree.nouns if noun != tree.root]
    spans = [tree.noun_span(noun) for noun in (tree.root, *others)]
    spans += [one.span for one in tree.modifiers if not one.negated]
    offset = phrase.span[0]
    return [
        Phrase(phrase.text[start:end], phrase.class_id, (offset + start, offset + end))
        for start, end in dict.fromkeys(spans)
    ]
