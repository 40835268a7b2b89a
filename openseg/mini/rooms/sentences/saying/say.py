"""Says a whole logical form: one group, several groups, or a part of them."""

from openseg.mini.rooms.sentences.meaning.forms import Anything, Form, Group, PartOf
from openseg.mini.rooms.sentences.saying import wording
from openseg.mini.rooms.sentences.saying.clauses import coloured_part
from openseg.mini.rooms.sentences.saying.groups import say_group
from openseg.mini.rooms.sentences.saying.nouns import (
    MASS_PARTS,
    agreed,
    article,
    is_plural,
    plural_part,
)
from openseg.mini.rooms.sentences.saying.phrase import Phrase, fixed
from openseg.mini.rooms.sentences.saying.speaker import Speaker


def say(form: Form, speaker: Speaker) -> Phrase:
    """The words of a logical form.

    Args:
        form: The form.
        speaker: Chooses the words and remembers whether they are held out.

    Returns:
        Words in lower case without punctuation; the root is what is asked for.
    """
    if form.part is not None:
        return _say_part(form.part, form.groups[0], speaker)
    if len(form.groups) == 1:
        return say_group(form.groups[0], speaker)
    phrase, *others = (say_group(group, speaker, inner=True) for group in form.groups)
    for other in others:
        joined = other.led("cc", fixed(speaker.way(wording.AND)))
        phrase = phrase.then("conj", joined)
    return phrase


def _say_part(part: PartOf, owner: Group, speaker: Speaker) -> Phrase:
    if isinstance(owner.noun, Anything):  # the part alone says which thing is meant
        return _alone(part, speaker)
    whose = say_group(owner, speaker, inner=True)
    several = owner.number != 1 and whose.words[0] not in {"every", "each"}
    phrase = coloured_part(plural_part(part.part) if several else part.part, part.colour)
    way = speaker.way(wording.OWNER)
    # A possessive owner must end in its noun, and not in "s".
    short = whose.root == len(whose.words) - 1 and not whose.words[-1].endswith("s")
    if way == "POSSESSIVE" and short:
        return phrase.led("nmod", whose.then("case", fixed("'s")))
    words = "of" if way == "POSSESSIVE" else way
    phrase = phrase.then("nmod", whose.led("case", fixed(words)))
    return phrase.led("det", fixed("the")) if speaker.draw.chance(0.8) else phrase


def _alone(part: PartOf, speaker: Speaker) -> Phrase:
    """A part without its owner: "the red handle", "a handle", "the handle that is red"."""
    phrase, late = coloured_part(part.part, part.colour), None
    ways = wording.NAKED if part.colour is None else wording.SINGLE
    if part.colour is not None and speaker.way(wording.LAST_PLACE) == "AFTER":
        clause = agreed("that {is}", is_plural(part.part))
        late = fixed(part.colour).led("mark", fixed(clause))
        phrase = coloured_part(part.part, None)
    word = speaker.way(ways)
    if is_plural(part.part) or part.part in MASS_PARTS:
        word = "the" if word in {"a", "that"} else word
    if word == "a":
        word = article(phrase.words[0])
    phrase = phrase.led("det", fixed(word)) if word else phrase
    return phrase if late is None else phrase.then("amod", late)
