"""Phrases as people write them about photographs, with their trees, drawn from templates.

They teach the parser what the rooms do not say: people and what they wear and do, telegraphic
phrases ("guy left red shirt"), words it will never see again. What the rooms hold out is not said:
no relation of a part's owner, no superlative in a relation, no "sitting on" or "at the far left".
"""

from __future__ import annotations

from openseg.mini.recipes.parser import lexicon
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.saying.nouns import article
from openseg.mini.rooms.sentences.saying.phrase import Phrase, fixed, noun

_NUMBERS = ("two", "three", "four", "five", "2", "3")
_ANYBODY = ("somebody", "someone", "anyone", "the one", "the person", "the other one")
_FRAMES = ("in the picture", "in the photo", "in this image", "of the image", "in the scene")
_FURTHER = ("far", "far", "top", "bottom", "upper", "very")
_JOINING = ("and", "and", "and", "or")
_THAT_IS = ("that is", "that is", "who is", "which is", "thats")
_DETERMINERS = ("the", "the", "the", "a", "a", "", "", "this", "his", "her", "their", "some")


class English:
    """Draws phrases.

    Args:
        draw: Source of all chance.
        new: Whether nouns, verbs and adjectives are those that training never sees.
    """

    def __init__(self, draw: Draw, new: bool = False) -> None:
        self._draw = draw
        self._new = new

    def phrase(self) -> Phrase:
        """A phrase with its tree."""
        if self._draw.chance(0.4):
            return self._described()
        others = (self._part, self._amount, self._for_use, self._anybody, self._two_tails)
        often = (self._plain, self._telegram, self._joined)
        return self._draw.pick((*often, *often, *others))()

    def _plain(self) -> Phrase:
        """Such as "the tall woman", "the second dog", "two parked cars"."""
        phrase = self._thing(self._any_noun())
        if self._draw.chance(0.15):
            phrase = self._bare(self._any_noun()).led("amod", fixed(self._word(lexicon.MOST)))
            phrase = phrase.led("det", fixed("the"))
        if self._draw.chance(0.1):
            phrase = phrase.then("frame", fixed(self._draw.pick(_FRAMES)))
        return phrase

    def _described(self) -> Phrase:
        """A person, animal or thing with one thing said after it."""
        if self._draw.chance(0.55):
            return self._tail_of_being(self._thing(self._being()))
        return self._tail_of_thing(self._thing(self._object()))

    def _two_tails(self) -> Phrase:
        """Such as "man in a red shirt holding a phone": both are said of the man."""
        first = self._draw.pick((self._worn, self._worn, self._side))
        phrase = first(self._thing(self._word(lexicon.PEOPLE)))
        return self._draw.pick((self._doing, self._doing_at, self._acting, self._side))(phrase)

    def _anybody(self) -> Phrase:
        """Such as "the one in red", "someone with a hat"."""
        *determiners, head = self._draw.pick(_ANYBODY).split()
        phrase = fixed(head)
        for word in reversed(determiners):
            phrase = phrase.led("amod" if word == "other" else "det", fixed(word))
        if self._draw.chance(0.3):
            return phrase.then("nmod", fixed(self._colour()).led("case", fixed("in")))
        return self._tail_of_being(phrase)

    def _joined(self) -> Phrase:
        """Such as "the man and the dog"."""
        other = self._thing(self._any_noun()).led("cc", fixed(self._draw.pick(_JOINING)))
        return self._thing(self._any_noun()).then("conj", other)

    def _part(self) -> Phrase:
        """Such as "the dog's left ear", "the back of the bus"."""
        part = self._word(lexicon.PARTS)
        owner = self._thing(self._any_noun())
        if self._draw.chance(0.4) and not owner.words[-1].endswith("s"):
            side = fixed(self._draw.pick(("left", "right", "front", "back")))
            phrase = fixed(part).led("amod", side) if self._draw.chance(0.4) else fixed(part)
            return phrase.led("nmod", owner.then("case", fixed("'s")))
        phrase = self._with_determiner(fixed(part))
        return phrase.then("nmod", owner.led("case", fixed("of")))

    def _amount(self) -> Phrase:
        """Such as "a slice of pizza"."""
        content = self._bare(self._word(lexicon.FOOD)).led("case", fixed("of"))
        phrase = self._with_determiner(fixed(self._word(lexicon.AMOUNTS))).then("nmod", content)
        return self._side(phrase) if self._draw.chance(0.2) else phrase

    def _for_use(self) -> Phrase:
        """Such as "the tool to cut wood with", "an animal that can fly"."""
        head = self._draw.pick(("tool", "object", "thing", "animal", "item", self._object()))
        use = fixed(self._draw.pick(lexicon.USES))
        how = self._draw.pick(("to", "to", "you can", "that can", "used to", "that is used to"))
        return self._with_determiner(fixed(head)).then("acl", use.led("mark", fixed(how)))

    def _telegram(self) -> Phrase:
        """Such as "guy left red shirt", "blue shirt man", "woman far right"."""
        garment = fixed(self._word(lexicon.CLOTHES))
        garment = garment.led("amod", fixed(self._colour()))
        phrase = fixed(self._being())
        match int(self._draw.unit() * 4):
            case 0:
                return phrase.led("compound", garment)
            case 1:
                phrase = phrase.then("amod", fixed(self._draw.pick(("left", "right", "middle"))))
                return phrase.then("nmod", garment) if self._draw.chance(0.5) else phrase
            case 2:
                side = fixed(self._draw.pick(("left", "right", "back", "front")))
                return phrase.then("amod", side.led("amod", fixed(self._draw.pick(_FURTHER))))
            case _:
                return phrase.then("nmod", garment)

    def _tail_of_being(self, phrase: Phrase) -> Phrase:
        often = self._draw.pick((self._doing, self._doing_at, self._worn))
        seldom = self._draw.pick((self._acting, self._placed, self._side, self._denied))
        return (often if self._draw.chance(0.6) else seldom)(phrase)

    def _tail_of_thing(self, phrase: Phrase) -> Phrase:
        if self._draw.chance(0.4):
            return self._placed(phrase)
        tails = (self._side, self._marked, self._doing_at, self._looking, self._by_a_being)
        return self._draw.pick(tails)(phrase)

    def _doing(self, phrase: Phrase) -> Phrase:
        """Such as "wearing a hat", "who is holding a cup and eating"."""
        done = self._with_case(self._landmark(), self._word(lexicon.HOLDING))
        if self._draw.chance(0.12):
            other = self._with_case(self._landmark(), self._word(lexicon.HOLDING))
            done = done.then("conj", other.led("cc", fixed("and")))
        return phrase.then("nmod", self._that_is(done))

    def _doing_at(self, phrase: Phrase) -> Phrase:
        """Such as "leaning against the wall"; what the rooms hold out is left to them."""
        verb = self._word(lexicon.BEING)
        where = self._draw.pick(lexicon.WHERE)
        done = self._with_case(self._landmark(), f"{verb} {where}")
        return phrase.then("nmod", self._that_is(done))

    def _acting(self, phrase: Phrase) -> Phrase:
        """Such as "running", "looking up", "who is smiling"."""
        verb = self._word(lexicon.ACTING)
        if self._draw.chance(0.3):
            verb += f" {self._draw.pick(lexicon.MANNERS)}"
        return phrase.then("acl", self._that_is(fixed(verb)))

    def _worn(self, phrase: Phrase) -> Phrase:
        """Such as "in a red shirt", "with a beard", "in blue"."""
        if self._draw.chance(0.4):
            feature = self._bare(self._word(lexicon.FEATURES))
            return phrase.then("nmod", self._with_case(self._with_determiner(feature), "with"))
        garment = self._bare(self._word(lexicon.CLOTHES), often=0.7)
        garment = self._with_determiner(garment)
        if self._draw.chance(0.2):
            kinds = (lexicon.CLOTHES, lexicon.FEATURES, lexicon.THINGS, lexicon.ANIMALS)
            other = self._bare(self._word(self._draw.pick(kinds)), often=0.5)
            other = self._with_determiner(other).led("cc", fixed("and"))
            garment = garment.then("conj", other)
        words = self._draw.pick(("in", "in", "with", "wearing"))
        return phrase.then("nmod", self._with_case(garment, words))

    def _placed(self, phrase: Phrase) -> Phrase:
        """Such as "next to the truck"."""
        words = self._draw.pick(lexicon.PREPOSITIONS)
        return phrase.then("nmod", self._that_is(self._with_case(self._landmark(), words)))

    def _side(self, phrase: Phrase) -> Phrase:
        """Such as "on the far left", "in the back", "at the bottom"."""
        side = fixed(self._draw.pick(lexicon.SIDES))
        words: tuple[str, ...] = ("on", "in", "at", "to")
        if self._draw.chance(0.3):
            side = side.led("amod", fixed(self._draw.pick(_FURTHER)))
            words = ("on", "in", "to")  # "at the far left" is left to the rooms
        if self._draw.chance(0.75):
            side = side.led("det", fixed("the"))
        return phrase.then("nmod", side.led("case", fixed(self._draw.pick(words))))

    def _marked(self, phrase: Phrase) -> Phrase:
        """Such as "with white stripes"."""
        mark = self._bare(self._word(lexicon.MARKS), often=0.6)
        words = self._draw.pick(("with", "with", "that has", "having"))
        return phrase.then("nmod", self._with_case(self._with_determiner(mark), words))

    def _looking(self, phrase: Phrase) -> Phrase:
        """Such as "that is open", "which is red"."""
        look = self._colour() if self._draw.chance(0.4) else self._word(lexicon.LOOKS)
        return phrase.then("amod", fixed(look).led("mark", fixed(self._draw.pick(_THAT_IS))))

    def _by_a_being(self, phrase: Phrase) -> Phrase:
        """Such as "the woman is holding", "held by the man", "of the boy"."""
        words = self._draw.pick(
            ("held by", "of", "worn by", "used by", "ridden by", "belonging to")
        )
        return phrase.then("nmod", self._with_case(self._thing(self._being()), words))

    def _denied(self, phrase: Phrase) -> Phrase:
        """Such as "not wearing a hat", "without glasses"."""
        garment = self._with_determiner(self._bare(self._word(lexicon.CLOTHES)))
        if self._draw.chance(0.5):
            return phrase.then("nmod", garment.led("neg", fixed("without")))
        verb = self._word(lexicon.HOLDING)
        return phrase.then("nmod", self._with_case(garment, verb).led("neg", fixed("not")))

    def _landmark(self) -> Phrase:
        """A noun phrase after linking words, now and then with a mark of its own."""
        if self._draw.chance(0.25):
            return self._with_determiner(self._bare(self._word(lexicon.PLACES)))
        phrase = self._thing(self._any_noun())
        if self._draw.chance(0.1):
            phrase = self._marked(self._thing(self._object()))
        return phrase

    def _thing(self, head: str) -> Phrase:
        """A noun with adjectives, a number and a determiner, or without."""
        phrase = self._bare(head)
        if self._draw.chance(0.08):
            many = self._bare(lexicon.plural(head) if not lexicon.is_many(head) else head)
            phrase = many.led("num", fixed(self._draw.pick(_NUMBERS)))
            return phrase.led("det", fixed("the")) if self._draw.chance(0.4) else phrase
        return self._with_determiner(phrase)

    def _bare(self, head: str, often: float = 0.4) -> Phrase:
        """A noun with adjectives before it, or without."""
        phrase = noun(head)
        if self._draw.chance(0.12):
            phrase = phrase.led("compound", fixed(self._word(lexicon.MODIFYING)))
        if not self._draw.chance(often):
            return phrase
        if self._draw.chance(0.08):
            both = fixed(self._colour()).led("cc", fixed("and"))
            return phrase.led("amod", fixed(self._colour()).then("conj", both))
        kinds = (lexicon.COLOURS, lexicon.LOOKS, lexicon.LOOKS)
        for share in (1.0, 0.35, 0.15):
            if not self._draw.chance(share):
                break
            word = self._word(self._draw.pick(kinds))
            if self._draw.chance(0.05):
                word = self._draw.pick(lexicon.SIDES)
            phrase = phrase.led("amod", fixed(word))
        return phrase

    def _with_determiner(self, phrase: Phrase) -> Phrase:
        word = self._draw.pick(_DETERMINERS)
        if word == "a":
            many = lexicon.is_many(phrase.words[phrase.root])
            word = "some" if many else article(phrase.words[0])
        return phrase.led("det", fixed(word)) if word else phrase

    def _with_case(self, phrase: Phrase, words: str) -> Phrase:
        return phrase.led("case", fixed(words))

    def _that_is(self, phrase: Phrase) -> Phrase:
        """The phrase with "who is" before it now and then."""
        if not self._draw.chance(0.2):
            return phrase
        return phrase.led("mark", fixed(self._draw.pick(_THAT_IS)))

    def _any_noun(self) -> str:
        return self._being() if self._draw.chance(0.4) else self._object()

    def _being(self) -> str:
        kinds = (lexicon.PEOPLE, lexicon.PEOPLE, lexicon.ANIMALS)
        return self._counted(self._word(self._draw.pick(kinds)))

    def _object(self) -> str:
        kinds = (lexicon.THINGS, lexicon.THINGS, lexicon.VEHICLES, lexicon.FOOD, lexicon.CLOTHES)
        return self._counted(self._word(self._draw.pick(kinds)))

    def _counted(self, word: str) -> str:
        """The word, or its plural now and then."""
        many = lexicon.is_many(word) or not self._draw.chance(0.15)
        return word if many else lexicon.plural(word)

    def _colour(self) -> str:
        return self._word(lexicon.COLOURS)

    def _word(self, words: tuple[str, ...]) -> str:
        return self._draw.pick(lexicon.drawn_from(words, self._new) or words)
