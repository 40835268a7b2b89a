"""Shares of a run: together everything, in order, no picture in two of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openseg.types.errors import UserError
from openseg_evals.run.request import Shard
from openseg_evals.run.share import share_of
from openseg_evals.samples import EvalSample


def samples(counts):
    return [
        EvalSample(f"{i}-{k}", f"{i}-{k}", Path(f"{i}.png"), (1, 1), ("a",), {}, list)
        for i, count in enumerate(counts)
        for k in range(count)
    ]


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=12),
    st.integers(1, 15),
    st.none() | st.integers(1, 40),
)
def test_shares_make_the_whole(counts, count, limit):
    everything = samples(counts)
    shares = [share_of(everything, limit, Shard(k, count)) for k in range(1, count + 1)]
    assert [one for share in shares for one in share] == everything[:limit]
    pictures = [{one.image for one in share} for share in shares]
    assert sum(map(len, pictures)) == len(set().union(*pictures))


@given(st.integers(1, 8))
def test_pictures_of_one_size_are_shared_equally(count):
    everything = samples([3] * (4 * count))
    sizes = {len(share_of(everything, None, Shard(k, count))) for k in range(1, count + 1)}
    assert sizes == {12}


@pytest.mark.parametrize("text", ["2", "0/3", "4/3", "a/b", "1/0", "-1/2", "1/2/3", "", "/"])
def test_shards_that_do_not_exist(text):
    with pytest.raises(UserError, match="--shard"):
        Shard.parse(text)


def test_a_shard_is_read():
    assert Shard.parse("2/8") == Shard(2, 8)
    assert Shard.parse("2/8").folder == "shards/2-of-8"
