"""What is read from a dependency tree: nouns, noun phrases, modifiers, relations.

The trees are written by hand, one `word/role/head` a word, heads counted from 1 as in CoNLL-U.
"""

from __future__ import annotations

import re

from openseg.types import ParsedPhrase, ParsedWord


def tree(text: str) -> ParsedPhrase:
    """A phrase of words written as `word/role/head`."""
    written = [part.split("/") for part in text.split()]
    sentence = " ".join(word for word, _, _ in written).replace(" 's", "'s")
    ends, words = 0, []
    for word, role, head in written:
        start = re.compile(re.escape(word)).search(sentence, ends).start()
        ends = start + len(word)
        words.append(ParsedWord(start, ends, int(head) - 1, role))
    return ParsedPhrase(sentence, tuple(words))


def said(phrase: ParsedPhrase, span: tuple[int, int]) -> str:
    return phrase.text[slice(*span)]


def relations(phrase: ParsedPhrase) -> list[tuple[str, str, str, bool]]:
    return [
        (phrase.word(r.noun), said(phrase, r.span), phrase.word(r.landmark), r.negated)
        for r in phrase.relations
    ]


def modifiers(phrase: ParsedPhrase) -> list[tuple[str, str, bool]]:
    return [(phrase.word(m.noun), said(phrase, m.span), m.negated) for m in phrase.modifiers]


LANDMARK = tree(
    "the/det/4 small/amod/4 office/compound/4 chair/root/0 to/case/10 the/fixed/5 left/fixed/5 "
    "of/fixed/5 the/det/10 table/nmod/4"
)


def test_a_relation_links_two_nouns_by_its_words():
    assert relations(LANDMARK) == [("chair", "to the left of", "table", False)]
    assert [LANDMARK.word(i) for i in LANDMARK.nouns] == ["chair", "table"]


def test_a_noun_phrase_ends_before_what_links_it_to_another():
    assert said(LANDMARK, LANDMARK.noun_span(3)) == "office chair"
    assert said(LANDMARK, LANDMARK.noun_phrase_span(3)) == "the small office chair"
    assert said(LANDMARK, LANDMARK.noun_phrase_span(9)) == "the table"


def test_a_clause_gives_its_adjective_without_that_is_not():
    phrase = tree("a/det/2 cup/root/0 that/mark/6 is/fixed/3 not/neg/6 red/amod/2")
    assert modifiers(phrase) == [("cup", "red", True)]
    assert phrase.relations == ()


def test_joined_adjectives_are_both_said_of_the_noun():
    phrase = tree("red/amod/4 and/cc/3 white/conj/1 cup/root/0")
    assert modifiers(phrase) == [("cup", "red", False), ("cup", "white", False)]
    assert said(phrase, phrase.noun_phrase_span(3)) == "red and white cup"
    assert phrase.nouns == (3,)


def test_joined_landmarks_share_the_linking_words():
    phrase = tree("lamp/root/0 between/case/3 chairs/nmod/1 and/cc/5 boxes/conj/3")
    assert relations(phrase) == [
        ("lamp", "between", "chairs", False),
        ("lamp", "between", "boxes", False),
    ]


def test_joined_targets_are_nouns_without_a_relation():
    phrase = tree("cup/root/0 and/cc/3 hat/conj/1")
    assert phrase.nouns == (0, 2)
    assert phrase.relations == ()


def test_an_owner_stands_before_what_it_owns():
    phrase = tree("the/det/2 cup/nmod/4 's/case/2 handle/root/0")
    assert relations(phrase) == [("handle", "'s", "cup", False)]
    assert said(phrase, phrase.noun_phrase_span(3)) == "the cup's handle"


def test_what_is_not_had_is_a_denied_relation():
    phrase = tree("cup/root/0 without/neg/4 a/det/4 handle/nmod/1")
    assert relations(phrase) == [("cup", "without", "handle", True)]


def test_a_place_of_an_ordinal_is_said_of_the_thing():
    phrase = tree("cup/root/0 second/amod/1 from/case/5 the/det/5 left/nmod/2")
    assert relations(phrase) == [("cup", "from", "left", False)]
    assert modifiers(phrase) == [("cup", "second", False)]


def test_an_action_without_a_second_noun_is_a_modifier():
    phrase = tree("something/root/0 to/mark/3 sit/acl/1 on/fixed/3")
    assert modifiers(phrase) == [("something", "sit on", False)]
