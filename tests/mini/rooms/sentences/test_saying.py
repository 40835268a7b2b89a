"""How forms are said: whole texts, articles, plurals, held-out ways and the dependency tree."""

from collections import defaultdict

import numpy as np
import pytest

from openseg.mini.rooms import CATEGORIES, COLOURS, MATERIALS
from openseg.mini.rooms.layout import make_still
from openseg.mini.rooms.sentences import LABELS, captions, questions, sentences, words
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Between,
    ByDistance,
    Coloured,
    Extreme,
    Form,
    Group,
    HasPart,
    Kind,
    Lies,
    Made,
    Not,
    Nth,
    PartOf,
    Related,
    Sized,
    Use,
    one,
)
from openseg.mini.rooms.sentences.saying import asking, wording
from openseg.mini.rooms.sentences.saying.say import say
from openseg.mini.rooms.sentences.saying.speaker import Speaker, Ways
from openseg.mini.rooms.splits import scene_seed
from tests.mini.rooms.sentences.scenes import sight

CUP = Kind("cup")
LAMP = Group(Kind("lamp"))
RED_CUP = Group(CUP, (Coloured("red"),))


def ways(form, unseen=False):
    """All ways a form is said, by whether they are held out."""
    draw = Draw(np.random.default_rng(0))
    found = defaultdict(set)
    for _ in range(400):
        speaker = Speaker(draw, unseen)
        found[say(form, speaker).text, speaker.held_out].add(1)
    return {text for text, held in found if held == unseen}


@pytest.mark.parametrize(
    ("form", "said", "unseen"),
    [
        (one(CUP), "the cup", "that cup"),
        (one(Kind("office chair")), "an office chair", "that office chair"),
        (one(CUP, Coloured("orange")), "an orange cup", "an orange coloured cup"),
        (one(CUP, Coloured("red")), "the cup that is red", "the red coloured cup"),
        (one(CUP, Made("striped")), "a striped cup", "the cup that looks striped"),
        (one(CUP, Sized("small")), "the little cup", "the cup that is small"),
        (one(CUP, Sized("large"), Coloured("red")), "big red cup", "the large cup that is red"),
        (one(Anything(), Coloured("red")), "the red item", "red coloured object"),
        (Form((RED_CUP,), PartOf("handle")), "the red cup's handle", "the handle on the red cup"),
        (Form((RED_CUP,), PartOf("handle")), "the handle of the red cup", "handle on the red cup"),
        (
            Form((Group(Anything(), (HasPart("handle", "blue"),)),), PartOf("handle", "blue")),
            "the blue handle",
            "the handle that is blue",
        ),
        (
            Form((Group(Kind("stool"), number="all"),), PartOf("seat")),
            "the seats of all the stools",
            "the seat of each of the stools",
        ),
        (
            Form((Group(Kind("stool"), number="all"),), PartOf("seat")),
            "the seat of every stool",
            "the seats on the stools",
        ),
        (
            one(CUP, HasPart("handle", "blue")),
            "the cup with a blue handle",
            "the cup whose handle is blue",
        ),
        (
            one(Kind("chair"), HasPart("legs", "blue")),
            "the chair that has blue legs",
            "a chair whose legs are blue",
        ),
        (
            one(CUP, Related("left", LAMP)),
            "the cup to the left of the lamp in the picture",
            "a cup located on the left of the lamp",
        ),
        (one(CUP, Related("on", LAMP)), "cup standing on the lamp", "the cup sitting on the lamp"),
        (one(CUP, Lies("floor")), "the cup on the floor", "the cup that is down on the floor"),
        (
            one(CUP, Between(LAMP, RED_CUP)),
            "the cup between the lamp and the red cup",
            "the cup halfway between the lamp and the red cup",
        ),
        (
            one(CUP, pick=ByDistance("nearest", LAMP)),
            "the cup closest to the lamp",
            "the cup nearest the lamp",
        ),
        (
            one(CUP, pick=Nth(2, "left")),
            "the second cup from the left",
            "the cup second in line from the left",
        ),
        (
            one(CUP, Coloured("red"), pick=Extreme("largest")),
            "the biggest red cup",
            "the largest of the red cups",
        ),
        (one(CUP, pick=Extreme("leftmost")), "the leftmost cup", "the cup at the far left"),
        (
            one(CUP, Not(Coloured("red"))),
            "the cup other than the red one",
            "the cup that does not look red",
        ),
        (
            Form((Group(CUP, (Not(Coloured("red")),), number="all"),)),
            "all cups that are not red",
            "the cups that do not look red",
        ),
        (
            one(CUP, Not(HasPart("handle", "blue"))),
            "the cup without a blue handle",
            "the cup that has no blue handle",
        ),
        (
            one(CUP, Not(Lies("floor"))),
            "the cup that is not on the floor",
            "the cup which is not standing on the floor",
        ),
        (one(Use("sit")), "something you can sit on", "an object to sit on"),
        (
            one(Use("instruct")),
            "the thing that tells you a rule",
            "an object that tells you a rule",
        ),
        (one(Use("sit"), Coloured("red")), "a red thing to sit on", "the red item one can sit on"),
        (Form((Group(CUP, number="all"),)), "every cup", "each of the cups"),
        (Form((Group(CUP, number=2),)), "both cups", "the pair of cups"),
        (Form((Group(CUP, number=3),)), "all three cups", "the group of three cups"),
        (Form((RED_CUP, LAMP)), "the red cup and the lamp", "the red cup and also the lamp"),
        (
            Form((Group(Anything(), (Lies("floor"),), number="all"),)),
            "everything on the floor",
            "all that is on the floor",
        ),
        (
            Form((Group(Anything(), (Not(Lies("floor")),), number="all"),)),
            "all things not on the floor",
            "all that is not on the floor",
        ),
        (
            Form((Group(Anything(), (Coloured("red"),), number="all"),)),
            "all the red objects",
            "all that is red",
        ),
    ],
)
def test_a_form_is_said_in_several_ways_and_some_are_held_out(form, said, unseen):
    seen_ways, unseen_ways = ways(form), ways(form, unseen=True)
    assert said in seen_ways
    assert unseen in unseen_ways
    assert unseen not in seen_ways
    assert not seen_ways & unseen_ways


def test_the_tree_of_a_part_of_a_thing():
    form = Form((Group(Kind("office chair"), (Coloured("red"),)),), PartOf("seat", "blue"))
    phrase = say(form, Fixed("of"))
    assert phrase.text == "the blue seat of the red office chair"
    #                      0   1    2    3  4   5   6      7
    assert phrase.heads == (2, 2, -1, 7, 7, 7, 7, 2)
    assert phrase.labels == ("det", "amod", "root", "case", "det", "amod", "compound", "nmod")
    assert phrase.head_span == (2, 3)
    assert phrase.modifier_spans == ((1, 2), (3, 8))


def test_the_tree_of_a_relation_with_two_landmarks():
    phrase = say(one(Kind("tissue box"), Between(LAMP, RED_CUP)), Fixed("the", "", "in between"))
    assert phrase.text == "the tissue box in between the lamp and the red cup"
    #                      0   1      2   3  4       5   6    7   8   9   10
    assert phrase.heads == (2, 2, -1, 6, 3, 6, 2, 10, 10, 10, 6)
    assert phrase.labels == (
        "det", "compound", "root", "case", "fixed", "det", "nmod", "cc", "det", "amod", "conj"
    )  # fmt: skip
    assert phrase.head_span == (1, 3)
    assert phrase.modifier_spans == ((3, 11),)


class Fixed(Speaker):
    """A speaker that takes the wanted ways where it can, else the first."""

    def __init__(self, *wanted):
        super().__init__(Draw(np.random.default_rng(1)), unseen=False)
        self.wanted = wanted

    def way(self, of):
        return next((w for w in self.wanted if w in of.seen), of.seen[0])


@pytest.fixture(scope="module")
def generated():
    """Everything said about 24 generated stills of the training and the unseen split."""
    made = []
    for split in ("train", "test_unseen"):
        for k in range(12):
            still = make_still(scene_seed(split, 300 + k))
            rng = np.random.default_rng(k)
            view = sight(still)
            made.append(
                (
                    split,
                    sentences(still, view, rng, each=3),
                    questions(still, view, rng),
                    captions(still, view, rng, 4),
                )
            )
    return made


def test_all_words_are_in_the_closed_vocabulary(generated):
    known = set(words())
    for _, said, asked, captioned in generated:
        texts = [s.text for s in said] + [c.text for c in captioned]
        texts += [t for q in asked for t in (q.text, q.answer)]
        for text in texts:
            assert set(text.replace("'s", " 's").split()) <= known, text


def test_texts_are_lower_case_without_punctuation(generated):
    letters = set("abcdefghijklmnopqrstuvwxyz ")
    for _, said, asked, captioned in generated:
        texts = [s.text for s in said] + [c.text for c in captioned] + [q.text for q in asked]
        for text in texts:
            assert set(text.replace("'s", "")) <= letters
            assert text == " ".join(text.split())


def test_trees_are_trees_over_the_words_of_the_text(generated):
    nouns = {name for c in CATEGORIES for name in (c.name, c.plural)}
    for _, said, _, _ in generated:
        for sentence in said:
            gold = sentence.gold
            assert " ".join(gold.words).replace(" 's", "'s") == sentence.text
            assert gold.heads.count(-1) == 1
            assert gold.labels.count("root") == 1
            assert set(gold.labels) <= set(LABELS)
            for k in range(len(gold.words)):
                path = [k]
                while gold.heads[path[-1]] >= 0:
                    path.append(gold.heads[path[-1]])
                    assert len(path) <= len(gold.words)
                assert path[-1] == gold.root
            start, end = gold.head_span
            head = " ".join(gold.words[start:end])
            if sentence.part is None and isinstance(sentence.form.groups[0].noun, Kind):
                assert head in nouns


def test_words_that_carry_meaning_are_those_of_the_form(generated):
    colours, materials = set(COLOURS), set(MATERIALS)
    for _, said, _, _ in generated:
        for sentence in said:
            written = str(sentence.form).replace("(", " ").replace(")", " ").split()
            heard = [*sentence.gold.words]
            for vocabulary in (colours, materials):
                named = sorted(w for w in written if w in vocabulary)
                if sentence.form.part and sentence.form.part.colour and len(named) > 1:
                    named = sorted(set(named))
                    heard = sorted(set(heard))
                assert sorted(w for w in heard if w in vocabulary) == named, sentence


def test_a_plural_name_has_no_singular_article():
    assert ways(one(Kind("headphones"))) == {"the headphones", "headphones"}


def test_held_out_ways_add_only_words_that_mean_little():
    seen, unseen = set(), set()
    for table in (wording, asking):
        for value in vars(table).values():
            for each in value.values() if isinstance(value, dict) else [value]:
                if isinstance(each, Ways):
                    seen |= {w for text in each.seen for w in text.split()}
                    unseen |= {w for text in each.unseen for w in text.split()}
    new = {w for w in unseen - seen - set(wording.LITTLE_WORDS.split()) if w.islower()}
    new -= {w for w in new if "{" in w}
    assert new <= {
        "located", "straight", "sitting", "halfway", "line", "side", "off", "down", "up", "far",
        "at", "also", "each", "pair", "group", "kind", "size", "number", "parts", "two", "there",
        "do", "see", "one", "for",
    }, new  # fmt: skip
