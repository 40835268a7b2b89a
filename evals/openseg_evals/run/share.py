"""Which samples a run is to do: the first ones, or one of several shares."""

from __future__ import annotations

from collections.abc import Sequence

from openseg_evals.run.request import Shard
from openseg_evals.samples import AnySample


def share_of(
    samples: Sequence[AnySample], limit: int | None, shard: Shard | None
) -> list[AnySample]:
    """The samples of a run, in order.

    Shares are cut between sources, so that what the sentences of an image have in common is
    computed in one place.

    Args:
        samples: All samples, those of one image next to each other.
        limit: Only so many from the beginning.
        shard: Only this share of them.
    """
    chosen = list(samples[:limit])
    if shard is None:
        return chosen
    ends = [i for i in range(1, len(chosen)) if chosen[i].source != chosen[i - 1].source]
    ends.append(len(chosen))
    cuts = [_nearest(ends, len(chosen) * k / shard.count) for k in range(shard.count + 1)]
    cuts[0] = 0
    return chosen[cuts[shard.number - 1] : cuts[shard.number]]


def _nearest(ends: Sequence[int], place: float) -> int:
    return min(ends, key=lambda end: abs(end - place))
