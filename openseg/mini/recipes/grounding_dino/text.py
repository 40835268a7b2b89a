"""The words the mini detector can read: a home-made WordPiece vocabulary and its tokenizer.

Grounding DINO in `transformers` splits a prompt into phrases at fixed ids (101, 102, 1012, 1029),
those of BERT's own vocabulary, so the same four tokens must sit there. The ids between them hold
the first words, common English words, and letters, so that any ASCII text tokenizes; what else
the rooms' sentences say comes after them.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import lru_cache

from transformers import BertTokenizer

from openseg.mini.rooms.sentences.saying.vocabulary import words as room_words

PAD_ID, UNK_ID, CLS_ID, SEP_ID, MASK_ID = 0, 100, 101, 102, 103
PERIOD_ID, QUESTION_ID = 1012, 1029
MAX_TEXT_LENGTH = 256

_FIXED = {
    "[PAD]": PAD_ID,
    "[UNK]": UNK_ID,
    "[CLS]": CLS_ID,
    "[SEP]": SEP_ID,
    "[MASK]": MASK_ID,
    ".": PERIOD_ID,
    "?": QUESTION_ID,
}

COLOURS = """
red green blue yellow orange purple pink brown black white grey gray cyan teal magenta violet beige
tan gold silver navy maroon olive turquoise lime cream dark light bright pale colour color coloured
colored
"""
OBJECTS = """
mug cup bowl plate bottle vase lamp chair table desk stool bench sofa couch armchair bed pillow
cushion blanket book bookshelf shelf cabinet drawer dresser wardrobe door window curtain blinds
potted mirror picture painting poster clock box crate bin trash can bucket basket bag backpack
suitcase laptop computer monitor screen keyboard mouse printer telephone phone television tv remote
speaker radio camera fan heater radiator refrigerator fridge microwave oven stove toaster kettle pot
pan sink faucet toilet bathtub shower towel soap dispenser paper tissue roll napkin fork knife spoon
glass jar plant flower pot tree ball toy teddy bear car train boat plane bicycle ladder broom mop
hat cap shoe boot jacket coat shirt umbrella guitar piano candle ring key coin pen pencil ruler
scissors tape stapler notebook folder board whiteboard rack stand tray lid cone cube cylinder sphere
pyramid torus block brick disc disk wedge capsule ottoman nightstand counter column pillar rug mat
carpet fireplace hanger tube pipe bulb switch socket outlet sign button handle knob body seat back
leg legs arm arms base rim neck foot feet wheel wheels shade stem top bottom side edge corner cover
spout page strap trunk leaf leaves petal object objects thing things item items shape part parts
furniture container room wall floor ceiling ground shadow surface apple banana pear lemon bread cake
egg cheese tomato carrot potato onion pumpkin melon grape berry cat dog bird fish horse cow sheep
person man woman boy girl child people hand head face eye
"""
QUALITIES = """
small large big little tiny huge tall short long wide narrow thin thick round square flat curved
straight high low empty full open closed old new wooden metal plastic glass ceramic leather fabric
rubber stone marble cloth wood steel striped dotted checked plain patterned shiny matte rough smooth
soft hard heavy same other different only
"""
GRAMMAR = """
a an the this that these those it its they them which who what where when how is are was be been do
does have has had can not no nor none without with of in on at to from by for and or but as than so
if then left right above below under over behind front between near next nearest far farthest
closest beside inside outside around against along across toward first second third fourth fifth
last middle center centre most least more less largest smallest biggest tallest shortest highest
lowest leftmost rightmost one two three four five six seven eight nine ten all each every both any
some many few something someone anything find show point give me you your my i we us please look see
segment detect mark select pick sit drink eat write read cut hold hang put store cook sleep light
used use holding standing lying sitting hanging facing touching covering containing made facing
there here up down out off
"""


def vocabulary() -> dict[str, int]:
    """Return the map from token to id.

    The ids of letters, pieces and first words never change, so that older weights can be gone on
    with; words that only the rooms have follow behind.
    """
    words = list(dict.fromkeys((COLOURS + OBJECTS + QUALITIES + GRAMMAR).split()))
    characters = list(string.ascii_lowercase + string.digits)
    marks = [mark for mark in string.punctuation if mark not in _FIXED]
    endings = ["##s", "##es", "##ed", "##er", "##ing", "##ly", "##en", "##y", "##al", "##est"]
    pieces = [f"##{character}" for character in characters]
    vocab = dict(_FIXED)
    taken = set(_FIXED.values())
    free = (index for index in range(1, 30_000) if index not in taken)
    later = sorted({piece for word in room_words() for piece in word.replace("'", " ' ").split()})
    for token in dict.fromkeys(characters + marks + pieces + endings + words + later):
        if token not in vocab:
            vocab[token] = next(free)
    for index in range(max(vocab.values())):
        if index not in taken and index not in vocab.values():
            vocab[f"[unused{index}]"] = index
    return dict(sorted(vocab.items(), key=lambda item: item[1]))


def build_tokenizer() -> BertTokenizer:
    """Return the tokenizer with `model_max_length` set to the architecture's text limit."""
    return BertTokenizer(vocab=vocabulary(), do_lower_case=True, model_max_length=MAX_TEXT_LENGTH)


class PhraseEncoder:
    """Turns lists of phrases into token ids and remembers which tokens belong to which phrase."""

    def __init__(self, tokenizer: BertTokenizer) -> None:
        """Keep the tokenizer; each phrase is tokenized once and remembered."""
        self._tokenizer = tokenizer
        self._pieces = lru_cache(maxsize=100_000)(self._tokenize)

    def __call__(self, phrases: Sequence[str]) -> tuple[list[int], list[int]]:
        """Encode one prompt `phrase . phrase .`.

        Args:
            phrases: phrases in prompt order, without full stops.

        Returns:
            Token ids, and for each token the index of its phrase or -1 for a special token.
        """
        ids, owners = [CLS_ID], [-1]
        for index, phrase in enumerate(phrases):
            pieces = self._pieces(phrase)
            ids += [*pieces, PERIOD_ID]
            owners += [index] * len(pieces) + [-1]
        return [*ids, SEP_ID], [*owners, -1]

    def _tokenize(self, phrase: str) -> tuple[int, ...]:
        return tuple(self._tokenizer(phrase, add_special_tokens=False)["input_ids"])
