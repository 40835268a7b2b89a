"""Matched detections of a data set as flat arrays, ranked by confidence.

Made once from what a matcher found image by image; `average_precision` scores selections of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_NONE = np.zeros(0, dtype=np.int64)


class ImageMatches(NamedTuple):
    """One image's detections of one group, the most confident first.

    Attributes:
        image: The image.
        scores: Confidence, `float64 [n]`.
        matched: Whether it has a truth, `bool [thresholds, n]`.
        ignored: Whether it does not count, `bool [thresholds, n]`.
        truths: Number of truths that must be found.
    """

    image: int
    scores: NDArray[np.float64]
    matched: Booleans
    ignored: Booleans
    truths: int


class Ranked(NamedTuple):
    """Detections in rankings.

    Attributes:
        ranking: Which ranking, `int64 [n]`.
        order: Place in it, the most confident first, `int64 [n]`.
        image: Whose detection it is, `int64 [n]`.
    """

    ranking: Integers
    order: Integers
    image: Integers

    def pick(self, which: Booleans | Integers) -> Ranked:
        """Some of them, by mask or index."""
        return Ranked(*(one[which] for one in self))


@dataclass(frozen=True)
class Matches:
    """What was matched, by group: a category in a range of areas, as COCO has it.

    A group has one ranking; with a threshold it is a curve, number group * thresholds + threshold.

    Attributes:
        groups: Number of groups.
        thresholds: Number of IoU thresholds.
        truth_groups: Group of each truth that must be found, `int64 [n]`.
        truth_images: Its image, `int64 [n]`.
        always: Detections that are not ignored at any threshold, ranked by group.
        partly: Those ignored at some, ranked by curve, once for each where they are not.
        hits: True positives, ranked by curve; they are in `always` or `partly` as well.
        hit_ranks: Place of each among the detections of its image and group, `int64 [n]`.
    """

    groups: int
    thresholds: int
    truth_groups: Integers
    truth_images: Integers
    always: Ranked
    partly: Ranked
    hits: Ranked
    hit_ranks: Integers


def collect(groups: Sequence[Sequence[ImageMatches]], thresholds: int) -> Matches:
    """Ranks each group's detections over its images; equal scores stay in order of the images.

    Args:
        groups: The images of each group.
        thresholds: Number of IoU thresholds.

    Returns:
        The matches.
    """
    truths = [
        np.repeat([one.image for one in found], [one.truths for one in found]) for found in groups
    ]
    parts = [_rank(group, found, thresholds) for group, found in enumerate(groups)]
    return Matches(
        groups=len(groups),
        thresholds=thresholds,
        truth_groups=np.repeat(np.arange(len(groups)), [len(one) for one in truths]),
        truth_images=np.concatenate([_NONE, *truths]).astype(np.int64),
        always=_join([always for always, _, _, _ in parts]),
        partly=_join([partly for _, partly, _, _ in parts]),
        hits=_join([hits for _, _, hits, _ in parts]),
        hit_ranks=np.concatenate([_NONE, *(ranks for _, _, _, ranks in parts)]),
    )


def _rank(
    group: int, found: Sequence[ImageMatches], thresholds: int
) -> tuple[Ranked, Ranked, Ranked, Integers]:
    """One group's `always`, `partly`, `hits` and `hit_ranks`."""
    lengths = [len(one.scores) for one in found]
    places = [np.arange(length) for length in lengths]
    scores = np.concatenate([np.zeros(0), *(one.scores for one in found)])
    sort = np.argsort(-scores, kind="stable")
    image = np.repeat(np.array([one.image for one in found], dtype=np.int64), lengths)[sort]
    place = np.concatenate([_NONE, *places])[sort]
    blank = np.zeros((thresholds, 0), dtype=np.bool_)
    matched = np.concatenate([blank, *(one.matched for one in found)], axis=1)[:, sort]
    counted = ~np.concatenate([blank, *(one.ignored for one in found)], axis=1)[:, sort]
    everywhere = counted.all(axis=0)

    def of_curves(which: Booleans) -> Ranked:
        threshold, order = np.nonzero(which)
        return Ranked(group * thresholds + threshold, order, image[order])

    order = np.flatnonzero(everywhere)
    hits = of_curves(matched & counted)
    return (
        Ranked(np.full(len(order), group), order, image[order]),
        of_curves(counted & ~everywhere),
        hits,
        place[hits.order],
    )


def _join(parts: Sequence[Ranked]) -> Ranked:
    none = Ranked(_NONE, _NONE, _NONE)
    return Ranked(*(np.concatenate(column) for column in zip(none, *parts, strict=True)))


def split(matches: Matches, pairs: Integers, images: int) -> Matches:
    """Gives each chosen group of each image a group of its own.

    Args:
        matches: The matches.
        pairs: What is chosen: group * images + image, ascending, `int64 [n]`; the rest is dropped.
        images: Number of images.

    Returns:
        The matches, with `n` groups in the order of `pairs`.
    """
    thresholds = matches.thresholds

    def places(groups: Integers, image: Integers) -> tuple[Integers, Booleans]:
        codes = groups * images + image
        place = np.searchsorted(pairs, codes)
        return place.astype(np.int64), np.append(pairs, -1)[place] == codes

    def curves(ranked: Ranked) -> tuple[Ranked, Booleans]:
        groups, threshold = np.divmod(ranked.ranking, thresholds)
        place, kept = places(groups, ranked.image)
        return ranked._replace(ranking=place * thresholds + threshold).pick(kept), kept

    place, kept = places(matches.truth_groups, matches.truth_images)
    group, always = places(matches.always.ranking, matches.always.image)
    hits, hit_kept = curves(matches.hits)
    return Matches(
        groups=len(pairs),
        thresholds=thresholds,
        truth_groups=place[kept],
        truth_images=matches.truth_images[kept],
        always=matches.always._replace(ranking=group).pick(always),
        partly=curves(matches.partly)[0],
        hits=hits,
        hit_ranks=matches.hit_ranks[hit_kept],
    )
