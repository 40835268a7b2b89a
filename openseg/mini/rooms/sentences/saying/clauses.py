"""Says what follows a noun: relations, parts that are had, negations, functions."""

from openseg.mini.rooms.sentences.meaning.forms import (
    Between,
    Coloured,
    Group,
    HasPart,
    Lies,
    Made,
    Not,
    Related,
    Sized,
    Test,
    Use,
)
from openseg.mini.rooms.sentences.saying import wording
from openseg.mini.rooms.sentences.saying.nouns import MASS_PARTS, agreed, article, is_plural
from openseg.mini.rooms.sentences.saying.phrase import Phrase, fixed, noun
from openseg.mini.rooms.sentences.saying.speaker import Speaker
from openseg.mini.rooms.vocabulary import FUNCTIONS


def adjective(test: Coloured | Made | Sized, speaker: Speaker) -> Phrase:
    """Says an attribute in one word."""
    match test:
        case Coloured(word) | Made(word):
            return fixed(word)
        case Sized(size):
            return fixed(speaker.way(wording.SIZES[size]))


def name_of(group: Group) -> Phrase:
    """Says a landmark by its looks: "the small red cup"."""
    phrase = noun(group.noun.category)  # type: ignore[union-attr]
    for test in reversed(group.tests):
        phrase = phrase.led("amod", fixed(str(test)))
    return phrase.led("det", fixed("the"))


def with_test(
    phrase: Phrase, test: Test, plural: bool, speaker: Speaker, linked: bool = False
) -> Phrase:
    """A noun phrase with a test after it.

    Args:
        phrase: The phrase so far; its root is the noun.
        test: What is to be said of it; not a plain attribute.
        plural: Whether the noun is a plural.
        speaker: Chooses the words.
        linked: Whether the phrase ends in "that is" already.
    """
    match test:
        case HasPart():
            return phrase.then("nmod", _having(test, plural, speaker))
        case Not(inner):
            return _negated(phrase, inner, plural, speaker, linked)
        case _:
            on = isinstance(test, Lies) or (isinstance(test, Related) and test.relation == "on")
            ways = wording.ON_CONNECTIVE if on else wording.CONNECTIVE
            connective = "" if linked else agreed(speaker.way(ways), plural)
            place = _place(test, speaker)
            place = place.led("mark", fixed(connective)) if connective else place
            phrase = phrase.then("nmod", place)
            return _framed(phrase, test, speaker) if isinstance(test, Related) else phrase


def _framed(phrase: Phrase, test: Related, speaker: Speaker) -> Phrase:
    """A noun phrase with, perhaps, the name of the frame of reference after it."""
    words = speaker.way(wording.FRAME[test.relation]) if test.relation in wording.FRAME else ""
    return phrase.then("frame", fixed(words)) if words else phrase


def _place(test: Test, speaker: Speaker) -> Phrase:
    """A landmark with the words of its relation before it."""
    match test:
        case Lies(ground):
            words = speaker.way(wording.GROUND[ground])
            return fixed(ground).led("det", fixed("the")).led("case", fixed(words))
        case Related(relation, landmark):
            return name_of(landmark).led("case", fixed(speaker.way(wording.RELATION[relation])))
        case Between(first, second):
            both = name_of(first).then("conj", name_of(second).led("cc", fixed("and")))
            return both.led("case", fixed(speaker.way(wording.BETWEEN)))
        case _:
            raise TypeError(f"{test} is not a place")


def coloured_part(part: str, colour: str | None) -> Phrase:
    """A part with its colour: "red handle"."""
    phrase = noun(part)
    return phrase.led("amod", fixed(colour)) if colour is not None else phrase


def _had(test: HasPart, words: str) -> Phrase:
    """A part after words for having: "with a red handle", "with red legs", "with no legs"."""
    phrase = coloured_part(test.part, test.colour)
    if is_plural(test.part) or test.part in MASS_PARTS or words.endswith(" no"):
        return phrase
    return phrase.led("det", fixed(article(phrase.words[0])))


def _having(test: HasPart, plural: bool, speaker: Speaker) -> Phrase:
    way = speaker.way(wording.HAVING)
    if way == "WHOSE" and test.colour is not None:
        is_ = agreed("{is}", is_plural(test.part))
        colour = fixed(test.colour).led("mark", fixed(is_))
        return noun(test.part).led("case", fixed("whose")).then("amod", colour)
    if way == "with THE":
        phrase = coloured_part(test.part, test.colour).led("det", fixed("the"))
        return phrase.led("case", fixed("with"))
    return _had(test, way).led("case", fixed(agreed(way, plural)))


def _negated(phrase: Phrase, test: Test, plural: bool, speaker: Speaker, linked: bool) -> Phrase:
    match test:
        case Coloured() | Made() | Sized():
            way = speaker.way(wording.NOT_A)
            if way == "OTHER":
                one = fixed("ones" if plural else "one").led("amod", adjective(test, speaker))
                one = one.led("det", fixed("the"))
                return phrase.then("nmod", one.led("neg", fixed("other than")))
            word = adjective(test, speaker)
            said = word.led("mark", fixed("look")) if way == "that {does}" else word
            said = said.led("neg", fixed("not")).led("mark", fixed(agreed(way, plural)))
            return phrase.then("amod", said)
        case HasPart():
            words = agreed(speaker.way(wording.WITHOUT), plural)
            return phrase.then("nmod", _had(test, words).led("neg", fixed(words)))
        case _:
            way = "" if linked else agreed(speaker.way(wording.NOT_AT), plural)
            place = _place(test, speaker).led("neg", fixed("not"))
            return phrase.then("nmod", place.led("mark", fixed(way)) if way else place)


def with_use(phrase: Phrase, use: Use, speaker: Speaker) -> Phrase:
    """A noun phrase with a function after it: "something to sit on"."""
    begin, _, rest = FUNCTIONS[use.function].removeprefix("something ").partition(" ")
    words = speaker.way(wording.USE) if begin == "to" else begin
    return phrase.then("acl", fixed(rest).led("mark", fixed(words)))
