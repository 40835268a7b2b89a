"""A sentence parser against gold trees: right heads, right roles, right nouns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from openseg.mini.measures.score import Score
from openseg.mini.recipes.stills import Still
from openseg.mini.rooms.sentences import sentences
from openseg.mini.rooms.sentences.saying.phrase import Phrase
from openseg.models.tasks.parsing import SentenceParser


def tree_scores(parser: SentenceParser, gold: Sequence[Phrase]) -> dict[str, Score]:
    """Compares trees word by word.

    Args:
        parser: The parser; it must find the same words.
        gold: Phrases with their trees.

    Returns:
        `head` and `role`: shares of words with the right head, and with the right head and role
        (unlabelled and labelled attachment); `noun`: phrases whose root is right; `tree`: phrases
        in which everything is.
    """
    head: list[bool] = []
    role: list[bool] = []
    noun: list[bool] = []
    tree: list[bool] = []
    found = parser.parse([phrase.text for phrase in gold])
    for phrase, parsed in zip(gold, found, strict=True):
        if tuple(parsed.word(i) for i in range(len(parsed))) != phrase.words:
            raise ValueError(f"the parser splits '{phrase.text}' into other words")
        heads = [word.head == k for word, k in zip(parsed.words, phrase.heads, strict=True)]
        roles = [word.role == k for word, k in zip(parsed.words, phrase.labels, strict=True)]
        both = [a and b for a, b in zip(heads, roles, strict=True)]
        head += heads
        role += both
        noun.append(parsed.root == phrase.root)
        tree.append(all(both))
    return {
        "head": Score.of(head),
        "role": Score.of(role),
        "noun": Score.of(noun),
        "tree": Score.of(tree),
    }


def parser_scores(
    parser: SentenceParser, stills: Sequence[Still], seed: int = 0
) -> dict[str, Score]:
    """Scores on sentences about stills, those with something held out also on their own.

    Args:
        parser: The parser.
        stills: What the sentences are about.
        seed: Seed of the sentences.

    Returns:
        The scores of `tree_scores` over all sentences, and as `held-out ...` over those with a
        held-out construction or wording.
    """
    rng = np.random.default_rng(seed)
    said = [one for still in stills for one in sentences(still.scene, still.sight, rng)]
    rare = [one for one in said if {"construction", "phrasing"} & set(one.held_out)]
    found = tree_scores(parser, [one.gold for one in said])
    if rare:
        more = tree_scores(parser, [one.gold for one in rare])
        found |= {f"held-out {name}": score for name, score in more.items()}
    return found
