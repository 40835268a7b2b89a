"""Build the mini encoder's tokenizer: byte-level BPE with CLIP's conventions, learnt from a list.

Every byte is a token, so any text can be encoded; every word of the rooms' sentences is one token.
The merges follow Sennrich et al. 2016, Neural Machine Translation of Rare Words with Subword Units
(arXiv:1508.07909), over bytes and with ``</w>`` at a word's end, as in CLIP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTokenizer

from openseg.mini.rooms.sentences.saying.vocabulary import words as room_words

FIRST_WORDS = tuple(
    """
a an ball balls black blue book books bottle bottles bowl bowls box boxes brown bucket buckets
chair chairs clock clocks couch couches cup cups green hat hats is lamp lamps monitor monitors
object objects orange pink plant plants potted purple red stool stools table tables that the
thing things white yellow
""".split()  # noqa: SIM905 - a word list reads better as text
)
"""Words that have had their tokens since the first weights; with `PLAIN_WORDS` they come first."""

PLAIN_WORDS = tuple(
    """
a an and any are as at away back bag basket bed beside between big both bottom bowl bright by
cabinet can case center close closest coffee cold computer container corner cushion dark desk
dirty door drawer drink eat empty far farthest find first flat flower food four front full glass
gray grey hand handle has have hold hot image in inside into is it items jar keyboard kitchen
large largest leaf left leg legs light long lying metal middle mirror most mug near nearest next
no not of off old on one open or other out over painting paper part pen person photo picture
pillow plant plastic plate pot rectangular right room round sat second see seat seen shade shelf
shiny short sit sitting small smallest sofa soft something square standing striped tall telephone
that the their them there thing things third this three to toy tray two under up upper used wall
water what where which window with without wood wooden you
""".split()  # noqa: SIM905 - a word list reads better as text
)
"""Words of ordinary phrases about rooms, so that sentences the world never says stay short."""

START, END = "<|startoftext|>", "<|endoftext|>"


def build_tokenizer(context: int = 77) -> CLIPTokenizer:
    """Learn the merges and build the tokenizer.

    The tokens of the first words keep their ids, so that older weights can be gone on with; what
    only the rooms say follows behind the special tokens.

    Args:
        context: most tokens of a text; longer ones are cut when truncation is asked for.
    """
    letters = sorted(ByteLevel.alphabet())
    first = learn_merges([*FIRST_WORDS, *FIRST_WORDS, *PLAIN_WORDS])
    merges = learn_merges([word for word in room_words() if word.isalpha()], first)
    tokens = [*letters, *(letter + "</w>" for letter in letters)]
    tokens += [a + b for a, b in first] + [START, END] + [a + b for a, b in merges[len(first) :]]
    return CLIPTokenizer(
        # Two orders of merging can give the same token.
        vocab={token: at for at, token in enumerate(dict.fromkeys(tokens))},
        merges=merges,
        model_max_length=context,
    )


def learn_merges(corpus: list[str], known: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """Merge the most frequent neighbours until every word is one token; ties go by spelling.

    Args:
        corpus: the words, a word as often as it counts.
        known: merges that are made first.

    Returns:
        The known merges and the new ones, in the order they are made.
    """
    counts = Counter(corpus)
    split = {word: [*word[:-1], word[-1] + "</w>"] for word in counts}
    merges = list(known)
    for pair in merges:
        for word, parts in split.items():
            split[word] = _merge(parts, pair)
    while True:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in split.items():
            for pair in pairwise(parts):
                pairs[pair] += counts[word]
        if not pairs:
            return merges
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word, parts in split.items():
            split[word] = _merge(parts, best)


def _merge(parts: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    for part in parts:
        if merged and (merged[-1], part) == pair:
            merged[-1] += part
        else:
            merged.append(part)
    return merged
