"""Says a group of things: determiner, adjectives, noun, and what follows it."""

from collections.abc import Sequence

from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    ByDistance,
    Coloured,
    Extreme,
    Group,
    Kind,
    Made,
    Nth,
    Sized,
    Use,
)
from openseg.mini.rooms.sentences.saying import wording
from openseg.mini.rooms.sentences.saying.clauses import adjective, name_of, with_test, with_use
from openseg.mini.rooms.sentences.saying.nouns import agreed, article, is_plural, plural_of
from openseg.mini.rooms.sentences.saying.phrase import Phrase, fixed, noun
from openseg.mini.rooms.sentences.saying.speaker import Speaker, Ways
from openseg.mini.rooms.vocabulary import FUNCTIONS

Attribute = Coloured | Made | Sized
_ATTRIBUTES = (Coloured, Made, Sized)
_THE = Ways(("the",))


def say_group(group: Group, speaker: Speaker, inner: bool = False) -> Phrase:
    """Says a group of things.

    Args:
        group: The group.
        speaker: Chooses the words.
        inner: Whether it is a part of something larger: then it is said shortly, so that nothing
            after it could be taken to belong to something else.

    Returns:
        Its words; the root is the noun.
    """
    attributes = [t for t in group.tests if isinstance(t, _ATTRIBUTES)]
    if isinstance(group.noun, Use) and not attributes:
        return with_use(_user(group, group.noun, speaker), group.noun, speaker)
    if isinstance(group.noun, Anything) and group.number == "all":
        return _everything(group, attributes, speaker)
    single = wording.SINGLE if group.tests else wording.NAKED
    determiner = _determiner(group, speaker, _THE if inner else single)
    if isinstance(group.pick, Extreme):
        return _extreme(group, group.pick, attributes, speaker)
    plural = group.number != 1 and determiner != "every"
    phrase = _described(group, attributes, plural, speaker, inner)
    match group.pick:
        case Nth():
            phrase = _ordinal(phrase, group.pick, speaker)
        case ByDistance(which, landmark):
            ways = wording.NEAREST if which == "nearest" else wording.FARTHEST
            phrase = phrase.then("nmod", name_of(landmark).led("case", fixed(speaker.way(ways))))
    return _determined(determiner, phrase)


def _determiner(group: Group, speaker: Speaker, single: Ways) -> str:
    if group.number == "all":
        return speaker.way(wording.ALL)
    if group.number == 2:
        return speaker.way(wording.TWO)
    if group.number != 1:
        return speaker.way(wording.COUNTED).format(n=wording.NUMBERS[group.number])
    word = "the" if group.pick is not None else speaker.way(single)
    plural = isinstance(group.noun, Kind) and is_plural(group.noun.category)
    return "the" if plural and word in {"a", "that"} else word


def _determined(words: str, phrase: Phrase) -> Phrase:
    """A phrase with determiners and numbers before it; "a" becomes "an" where it must."""
    if words == "a":
        words = article(phrase.words[0])
    for word in reversed(words.split()):
        phrase = phrase.led("num" if word in wording.NUMBERS else "det", fixed(word))
    return phrase


def _described(
    group: Group,
    attributes: Sequence[Attribute],
    plural: bool,
    speaker: Speaker,
    inner: bool = False,
) -> Phrase:
    """The noun with its attributes and tests."""
    if isinstance(group.noun, Kind):
        name = group.noun.category
        phrase = noun(plural_of(name) if plural else name)
        plural = plural or is_plural(name)
    else:
        phrase = noun(speaker.way(wording.GENERIC) + ("s" if plural else ""))
    free = not inner and group.pick is None and len(attributes) == len(group.tests)
    free = free and not isinstance(group.noun, Use)
    last = attributes[-1] if free and attributes else None
    first = attributes[:-1] if last is not None else attributes
    place = _place_of(last, len(attributes), speaker) if last is not None else ""
    if last is not None and place == "BEFORE":
        phrase = phrase.led("amod", adjective(last, speaker))
    elif last is not None and place == "COLOURED":
        coloured = fixed("coloured").led("amod", adjective(last, speaker))
        phrase = phrase.led("amod", coloured)
    for attribute in reversed(first):
        phrase = phrase.led("amod", adjective(attribute, speaker))
    if isinstance(group.noun, Use):
        phrase = with_use(phrase, group.noun, speaker)
    if last is not None and place in {"AFTER", "LOOKS"}:
        verb = ("that look" if plural else "that looks") if place == "LOOKS" else None
        words = verb or agreed(speaker.way(wording.RELATIVE), plural)
        phrase = phrase.then("amod", adjective(last, speaker).led("mark", fixed(words)))
    for test in group.tests:
        if not isinstance(test, _ATTRIBUTES):
            phrase = with_test(phrase, test, plural, speaker)
    return phrase


def _place_of(attribute: Attribute, count: int, speaker: Speaker) -> str:
    """Where the last of some attributes stands."""
    if count > 1:
        return speaker.way(wording.LAST_PLACE)
    match attribute:
        case Coloured():
            return speaker.way(wording.COLOUR_PLACE)
        case Made():
            return speaker.way(wording.MATERIAL_PLACE)
        case Sized():
            return speaker.way(wording.SIZE_PLACE)


def _extreme(
    group: Group, pick: Extreme, attributes: Sequence[Attribute], speaker: Speaker
) -> Phrase:
    """Such as "the largest red cup", "the cup at the far left", "the largest of the cups"."""
    place, _, words = speaker.way(wording.QUALITY[pick.quality]).rpartition(" | ")
    phrase = _described(group, attributes, place == "PARTITIVE", speaker)
    if place == "AFTER":
        phrase = phrase.then("amod", fixed(words))
    else:
        if place == "PARTITIVE":
            phrase = phrase.led("det", fixed("the")).led("case", fixed("of"))
        phrase = phrase.led("amod", fixed(words))
    return phrase.led("det", fixed("the"))


def _ordinal(phrase: Phrase, pick: Nth, speaker: Speaker) -> Phrase:
    side = fixed(pick.side).led("det", fixed("the")).led("case", fixed("from"))
    nth = fixed(wording.PLACES[pick.place - 1])
    match speaker.way(wording.ORDINAL):
        case "BEFORE":
            return phrase.led("amod", nth).then("nmod", side)
        case "AFTER":
            return phrase.then("amod", nth.led("mark", fixed("that is")).then("nmod", side))
        case _:
            return phrase.then("amod", nth.then("fixed", fixed("in line")).then("nmod", side))


def _headed(text: str) -> Phrase:
    *determiners, head = text.split()
    return _determined(" ".join(determiners), fixed(head))


def _user(group: Group, use: Use, speaker: Speaker) -> Phrase:
    """The head of a function: "something", "all the things"."""
    if group.number == 1:
        return _headed(speaker.way(wording.USERS))
    head = _headed(speaker.way(wording.ALL_USERS))
    to_do = FUNCTIONS[use.function].startswith("something to")
    return head if to_do or head.words[-1] != "things" else fixed("everything")


def _everything(group: Group, attributes: Sequence[Attribute], speaker: Speaker) -> Phrase:
    """Such as "everything red", "all the objects on the table", "all that is on the floor"."""
    way = speaker.way(wording.EVERYTHING)
    whole = way.split()[-1] in {"everything", "is"}
    phrase = fixed(way.split()[0]) if whole else fixed(way.split()[-1])
    plural = phrase.words[0].endswith("s")
    if way == "all that is":
        phrase = phrase.then("mark", fixed("that is"))
    for attribute in attributes:
        said = adjective(attribute, speaker)
        phrase = phrase.then("amod", said) if whole else phrase.led("amod", said)
    for test in group.tests:
        if not isinstance(test, _ATTRIBUTES):
            phrase = with_test(phrase, test, plural, speaker, linked=way == "all that is")
    return phrase if whole else _determined(" ".join(way.split()[:-1]), phrase)
