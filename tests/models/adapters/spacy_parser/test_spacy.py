"""spaCy's trees as ours, in both of its label sets; pipelines found by folder and by name.

The trees are those that spaCy's English models and Universal Dependencies give these phrases,
written down by hand as `word/label/head`, heads counted from 1, the root its own head.
"""

from __future__ import annotations

import json

import pytest

spacy = pytest.importorskip("spacy")

from spacy.tokens import Doc  # noqa: E402
from spacy.training import Example  # noqa: E402

from openseg.models.adapters.spacy_parser.tree import as_phrase  # noqa: E402
from openseg.models.store import ModelStore  # noqa: E402
from openseg.types.errors import MissingWeightsError  # noqa: E402

VOCAB = spacy.blank("en").vocab
HOLDING = (
    "a/det/2 man/ROOT/2 wearing/acl/2 a/det/6 red/amod/6 hat/dobj/3 and/cc/3 holding/conj/3 "
    "a/det/10 bag/dobj/8"
)


def document(written: str, text: str | None = None) -> Doc:
    words, deps, heads = zip(*(part.split("/") for part in written.split()), strict=True)
    numbers = [int(head) - 1 for head in heads]
    spaces = [not (k + 1 < len(words) and words[k + 1] == "'s") for k in range(len(words))]
    return Doc(VOCAB, words=list(words), spaces=spaces, heads=numbers, deps=list(deps))


def tree(written: str) -> str:
    doc = document(written)
    phrase = as_phrase(doc.text, doc)
    return " ".join(
        f"{phrase.word(i)}/{word.role}/{word.head + 1}" for i, word in enumerate(phrase.words)
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (  # ClearNLP: a verb and its object
            HOLDING,
            "a/det/2 man/root/0 wearing/case/6 a/det/6 red/amod/6 hat/nmod/2 and/cc/10 "
            "holding/case/10 a/det/10 bag/nmod/2",
        ),
        (  # ClearNLP: an adverb and a preposition
            "the/det/2 cup/ROOT/2 next/advmod/2 to/prep/3 the/det/6 lamp/pobj/4",
            "the/det/2 cup/root/0 next/case/6 to/fixed/3 the/det/6 lamp/nmod/2",
        ),
        (  # Universal Dependencies: the same
            "the/det/2 cup/root/2 next/case/6 to/fixed/3 the/det/6 lamp/nmod/2",
            "the/det/2 cup/root/0 next/case/6 to/fixed/3 the/det/6 lamp/nmod/2",
        ),
        (  # ClearNLP: a clause with an adjective
            "cup/ROOT/1 that/nsubj/3 is/relcl/1 not/neg/3 red/acomp/3",
            "cup/root/0 that/mark/5 is/mark/5 not/neg/5 red/amod/1",
        ),
        (  # Universal Dependencies: the same
            "cup/root/1 that/nsubj/5 is/cop/5 not/advmod/5 red/acl:relcl/1",
            "cup/root/0 that/mark/5 is/mark/5 not/neg/5 red/amod/1",
        ),
        (  # a verb taken for the root gives way to its subject
            "man/nsubj/2 holding/ROOT/2 a/det/4 bag/dobj/2",
            "man/root/0 holding/case/4 a/det/4 bag/nmod/1",
        ),
        (
            "the/det/2 boy/poss/5 's/case/2 left/amod/5 shoe/ROOT/5",
            "the/det/2 boy/nmod/5 's/case/2 left/amod/5 shoe/root/0",
        ),
        (
            "his/poss/2 hat/ROOT/2 and/cc/2 white/amod/5 gloves/conj/2",
            "his/det/2 hat/root/0 and/cc/5 white/amod/5 gloves/conj/2",
        ),
        (
            "two/nummod/2 people/ROOT/2 sitting/acl/2 at/prep/3 a/det/6 table/pobj/4",
            "two/num/2 people/root/0 sitting/case/6 at/fixed/3 a/det/6 table/nmod/2",
        ),
        (
            "dog/ROOT/1 without/prep/1 a/det/4 leash/pobj/2",
            "dog/root/0 without/neg/4 a/det/4 leash/nmod/1",
        ),
        (
            "the/det/2 girl/ROOT/2 jumping/acl/2 high/advmod/3",
            "the/det/2 girl/root/0 jumping/acl/2 high/fixed/3",
        ),
        (
            "red/amod/4 and/cc/1 white/conj/1 cup/ROOT/4",
            "red/amod/4 and/cc/3 white/conj/1 cup/root/0",
        ),
    ],
)  # fmt: skip
def test_nouns_climb_over_the_words_that_link_them(theirs, ours):
    assert tree(theirs) == ours


def test_punctuation_is_no_word_and_spans_are_those_of_the_text():
    doc = document("man/ROOT/1 ,/punct/1 red/amod/4 shirt/appos/1")
    phrase = as_phrase(doc.text, doc)
    assert [phrase.word(i) for i in range(len(phrase))] == ["man", "red", "shirt"]
    assert [word.head for word in phrase.words] == [-1, 2, 0]


def test_several_sentences_are_one_tree():
    phrase = as_phrase("cup dog", document("cup/ROOT/1 dog/ROOT/2"))
    assert [(word.head, word.role) for word in phrase.words] == [(-1, "root"), (0, "nmod")]


@pytest.mark.parametrize("text", ["", "...", " "])
def test_a_text_without_words_is_one_word(text):
    [phrase] = [as_phrase(text, spacy.blank("en")(text))]
    assert [(word.start, word.end, word.role) for word in phrase.words] == [(0, len(text), "root")]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A pipeline that has learnt two trees by heart."""
    pipeline = spacy.blank("en")
    pipeline.add_pipe("parser", config={"min_action_freq": 1})
    docs = [document(HOLDING), document("the/det/2 cup/ROOT/2 on/prep/2 the/det/5 desk/pobj/3")]
    examples = [Example(pipeline.make_doc(doc.text), doc) for doc in docs]
    optimiser = pipeline.initialize(lambda: examples)
    for _ in range(25):
        pipeline.update(examples, sgd=optimiser)
    folder = tmp_path_factory.mktemp("weights") / "spacy"
    pipeline.to_disk(folder)
    return folder


def test_a_pipeline_in_a_folder_parses(trained):
    parser = ModelStore({"spacy": trained}).load("spacy")
    [cup, man] = parser.parse(["the cup on the desk", document(HOLDING).text])
    [relation] = cup.relations
    assert (cup.word(relation.noun), cup.word(relation.landmark)) == ("cup", "desk")
    assert man.text[slice(*man.noun_phrase_span(man.root))] == "a man"
    assert parser.parse([]) == []


def test_weights_of_the_pipeline_are_part_of_its_fingerprint(trained, tmp_path):
    import shutil

    other = shutil.copytree(trained, tmp_path / "spacy")
    assert ModelStore({"spacy": other}).fingerprint("spacy") == ModelStore(
        {"spacy": trained}
    ).fingerprint("spacy")
    changed = bytearray((other / "parser" / "model").read_bytes())
    changed[-1] ^= 1
    (other / "parser" / "model").write_bytes(changed)
    assert ModelStore({"spacy": other}).fingerprint("spacy") != ModelStore(
        {"spacy": trained}
    ).fingerprint("spacy")


def test_a_pipeline_without_a_parser_is_refused(tmp_path):
    spacy.blank("en").to_disk(tmp_path / "spacy")
    with pytest.raises(MissingWeightsError, match="has no parser"):
        ModelStore(tmp_path).load("spacy")


def test_an_installed_pipeline_is_named_with_its_version(tmp_path):
    (tmp_path / "spacy").mkdir()
    file = tmp_path / "spacy" / "spacy.json"
    file.write_text(json.dumps({"model": "en_core_nowhere", "version": "3.8.0"}))
    with pytest.raises(
        MissingWeightsError, match=r"'en_core_nowhere' 3\.8\.0 is wanted, nothing is"
    ):
        ModelStore(tmp_path).load("spacy")
    file.write_text(json.dumps({"model": "spacy"}))
    with pytest.raises(MissingWeightsError, match="version: Field required"):
        ModelStore(tmp_path).load("spacy")


def test_without_weights_the_error_says_where_to_put_them():
    with pytest.raises(MissingWeightsError, match=r"'spacy' has no 'mini' weights.*DIR/spacy"):
        ModelStore().locate("spacy")
