"""Reads predictions for referring expressions one by one and counts their pixels.

Shared by RefCOCO and gRefCOCO: what a sample is, which entries are refused, and how truths are
encoded. Only the current object's truth and one prediction are held as masks, both as run lengths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import need, need_number, read_entries, sample
from openseg_evals.formats.masks import read_rle
from openseg_evals.formats.refer import ReferData, Referral

_TRUTHS_IN_MEMORY = 256


class Samples(NamedTuple):
    """Counts of every sample, in order of the refs file.

    Attributes:
        names: The sentences' ids, as text.
        intersections: Pixels shared by prediction and truth, `int64 [n]`.
        unions: Pixels in either, `int64 [n]`.
        no_target: Whether the expression has no target, `bool [n]`.
        declared: Whether the prediction says so, `bool [n]`.
    """

    names: list[str]
    intersections: NDArray[np.int64]
    unions: NDArray[np.int64]
    no_target: NDArray[np.bool_]
    declared: NDArray[np.bool_]

    def counts(self, rows: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
        """The counts of some samples, without their names."""
        return tuple(one[rows] for one in self[1:])


Encoder = Callable[[Referral], rle.RLE]
Declaration = Callable[[Mapping[str, Any], rle.RLE, str], bool]


def count_samples(
    data: ReferData,
    refs: Sequence[Referral],
    predictions: Path,
    *,
    truth: Encoder,
    declaration: Declaration,
    missing: str,
) -> Samples:
    """Counts the pixels of every sentence of a split.

    Args:
        data: The data set.
        refs: The referrals that count.
        predictions: JSON lines or list of `ref_id`, `sent_id`, `segmentation` (null for none).
            Entries for other splits of the data set are passed over.
        truth: Encodes the truth of a referral.
        declaration: Reads from an entry, its mask and its place whether it declares no target.
        missing: `error`, `empty` or `skip`: what to do with sentences without prediction.

    Returns:
        The counts.

    Raises:
        InputError: If an entry names an unknown or doubled sentence or the wrong object, a mask
            does not fit, or sentences are missing.
    """
    places = {
        sent: (place, ref)
        for place, (ref, sent) in enumerate(
            (ref, sent) for ref in refs for sent, _ in ref.sentences
        )
    }
    others = {sent: ref.split for ref in data.refs for sent, _ in ref.sentences}
    counts = np.zeros((len(places), 2), dtype=np.int64)
    flags = np.zeros((len(places), 2), dtype=np.bool_)
    seen = np.zeros(len(places), dtype=np.bool_)
    passed_over = set()
    encode = lru_cache(_TRUTHS_IN_MEMORY)(truth)
    for where, entry in read_entries(predictions):
        sent = need_number(entry, "sent_id", where)
        if sent not in places and sent in others:
            passed_over.add(others[sent])
            continue
        place, ref = _place(entry, places, where)
        if seen[place]:
            what = f"sent_id {sent} occurs a second time"
            raise InputError(what, where=where, fix="keep one prediction for each sentence")
        seen[place] = True
        mask = _mask(entry, data.size(ref), where)
        counts[place] = rle.overlap(mask, encode(ref))
        flags[place] = not ref.ann_ids, declaration(entry, mask, where)
    if missing == "error":
        _check_complete(places, seen, passed_over, str(predictions))
    names = [str(sent) for sent in places]
    if missing == "skip":
        names = [name for name, there in zip(names, seen, strict=True) if there]
        counts, flags = counts[seen], flags[seen]
    elif not seen.all():
        for place, ref in _unseen(places, seen):
            nothing = rle.empty(*data.size(ref))
            counts[place] = rle.overlap(nothing, encode(ref))
            flags[place] = not ref.ann_ids, declaration({"no_target": False}, nothing, "")
    return Samples(names, counts[:, 0], counts[:, 1], flags[:, 0], flags[:, 1])


def _place(
    entry: Mapping[str, Any], places: Mapping[int, tuple[int, Referral]], where: str
) -> tuple[int, Referral]:
    sent, ref_id = entry["sent_id"], need(entry, "ref_id", where)
    if sent not in places:
        fix = "the predictions are for another data set or another refs file"
        raise InputError(f"sent_id {sent!r} is not in the truth", where=where, fix=fix)
    place, ref = places[sent]
    if ref_id != ref.ref_id:
        what = f"sent_id {sent} belongs to ref_id {ref.ref_id}, not {ref_id!r}"
        raise InputError(what, where=where, fix="write the ids of the refs file")
    return place, ref


def _mask(entry: Mapping[str, Any], size: tuple[int, int], where: str) -> rle.RLE:
    segmentation = need(entry, "segmentation", where)
    return rle.empty(*size) if segmentation is None else read_rle(segmentation, size, where)


def _unseen(
    places: Mapping[int, tuple[int, Referral]], seen: NDArray[np.bool_]
) -> Iterator[tuple[int, Referral]]:
    return ((place, ref) for place, ref in places.values() if not seen[place])


def _check_complete(
    places: Mapping[int, tuple[int, Referral]],
    seen: NDArray[np.bool_],
    passed_over: set[str],
    where: str,
) -> None:
    lost = [sent for sent, (place, _) in places.items() if not seen[place]]
    if not lost:
        return
    what = f"{len(lost)} of {len(places)} sentences have no prediction: sent_id {sample(lost)}"
    covered = {ref.split for place, ref in places.values() if seen[place]} | passed_over
    untouched = {ref.split for _, ref in _unseen(places, seen)} - covered
    fix = "write null for an empty mask, or choose --set missing=empty"
    if untouched and covered:
        fix = f"the file covers {', '.join(sorted(covered))}; choose with --set split=NAME"
    raise InputError(what, where=where, fix=fix)
