"""The pointing game: is the peak of a noun's cross-attention on what the noun means?

Each thing is asked for by "colour noun" alone, and all of a still by one caption that lists them;
beside the score stands what a peak at random would give, the share of the picture that is meant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from openseg.mini.measures.score import Score, image_of
from openseg.mini.recipes.claims import Claim, pair_claim, truth
from openseg.mini.recipes.regions import OPEN, YES, answers, whole
from openseg.mini.recipes.stills import Still
from openseg.models.protocols import AttentionReading, CrossAttention, TokenAttention

READING = AttentionReading(noise_levels=(0.05, 0.15, 0.3))


def pointing_scores(
    model: CrossAttention, stills: Sequence[Still], reading: AttentionReading = READING
) -> dict[str, Score]:
    """Play the pointing game.

    Args:
        model: reads the attention.
        stills: what it is asked about.
        reading: at which noise and in which layers.

    Returns:
        `pointing`: share of colour-noun phrases whose noun has its peak on what is meant;
        `pointing, held-out pairs`: over those whose pair training never showed; `colour words`: by
        the peak of the colour's word; `listed`: nouns of one caption that lists them all;
        `chance`: mean share of the picture that is meant.
    """
    hits: dict[str, list[float]] = {
        name: []
        for name in ("pointing", "pointing, held-out pairs", "colour words", "listed", "chance")
    }
    for still in stills:
        asked = _questions(still)
        phrases = [f"{claim.colour} {claim.category}" for claim, _ in asked]
        if not phrases:
            continue
        [[*alone, together]] = model.attend(
            [image_of(still)], [[*phrases, ", ".join(phrases)]], reading
        )
        place = 0
        for (claim, mask), phrase, found in zip(asked, phrases, alone, strict=True):
            noun = len(str(claim.colour)) + 1, len(phrase)
            hit = _hit(found, noun, mask)
            hits["pointing"].append(hit)
            if claim.held_out:
                hits["pointing, held-out pairs"].append(hit)
            hits["colour words"].append(_hit(found, (0, noun[0] - 1), mask))
            hits["listed"].append(_hit(together, (place + noun[0], place + noun[1]), mask))
            hits["chance"].append(float(mask.mean()))
            place += len(phrase) + 2
    return {name: Score.of(values) for name, values in hits.items()}


def on_mask(heat: Tensor, mask: NDArray[np.bool_]) -> bool:
    """Whether the peak of a map, brought to the mask's size, lies on the mask."""
    pixels = interpolate(heat[None, None], mask.shape, mode="bilinear")
    return bool(mask.reshape(-1)[int(pixels.argmax())])


def _hit(found: TokenAttention, word: tuple[int, int], mask: NDArray[np.bool_]) -> bool:
    return on_mask(found.over(word), mask)


def _questions(still: Still) -> list[tuple[Claim, NDArray[np.bool_]]]:
    """Colour and category of things, where nobody could disagree, and the pixels they mean."""
    things = [whole(seen) for seen in still.things]
    claims = list(dict.fromkeys(pair_claim(one) for one in things))
    levels = truth(claims, answers(things, unseen=True))
    asked = []
    for claim, level in zip(claims, levels.T, strict=True):
        if (level != OPEN).all() and (level == YES).any():
            meant = [things[row].seen.thing.id for row in np.flatnonzero(level == YES)]
            asked.append((claim, np.isin(still.ids, meant)))
    return asked
