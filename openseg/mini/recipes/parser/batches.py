"""Batches of gold trees as the network reads them, and their loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from openseg.mini.rooms.sentences.saying.phrase import Phrase
from openseg.models.adapters.parser.biaffine import as_rows
from openseg.models.adapters.parser.network import ParserNetwork
from openseg.types.parse import ROLES

WORD_DROP = 0.5
"""Share of words that are shown by their endings only, so that these come to mean something."""

ENDING_DROP = 0.15
"""Share of words that lose their endings; one without both is quite unknown."""

_NO_WORD = -100


@dataclass(frozen=True)
class Batch:
    """Gold trees.

    Attributes:
        features: int64 `[b, n, f]`.
        lengths: int64 `[b]`.
        heads: int64 `[b, n]`: 0 for the root, else one more than the head's index; `_NO_WORD` past
            a phrase's end.
        roles: int64 `[b, n]`: places in `ROLES`, likewise.
    """

    features: Tensor
    lengths: Tensor
    heads: Tensor
    roles: Tensor


class Batches:
    """Batches drawn from phrases; a step always gives the same one.

    Args:
        pools: Phrases by source; each gives an equal share.
        rows: Rows of the network's table.
        size: Phrases in a batch.
        seed: Seed of the draws.
    """

    def __init__(self, pools: Sequence[Sequence[Phrase]], rows: int, size: int, seed: int) -> None:
        self._pools = [[as_arrays(phrase, rows) for phrase in pool] for pool in pools]
        self._share = size // len(pools)
        self._seed = seed

    def __call__(self, step: int) -> Batch:
        """The batch of a step, with some words hidden."""
        rng = np.random.default_rng((self._seed, step))
        drawn = [
            pool[int(k)] for pool in self._pools for k in rng.integers(len(pool), size=self._share)
        ]
        batch = collate(drawn)
        chance = torch.from_numpy(rng.random((2, *batch.features.shape[:2])))
        batch.features[..., 0][chance[0] < WORD_DROP] = 0
        batch.features[..., 1:][chance[1] < ENDING_DROP] = 0
        return batch


class Arrays(NamedTuple):
    """One phrase: features `[n, f]`, heads and roles `[n]`."""

    features: Tensor
    heads: Tensor
    roles: Tensor


def as_arrays(phrase: Phrase, rows: int) -> Arrays:
    """One phrase as the network reads it."""
    features, _ = as_rows([phrase.words], rows)
    roles = [ROLES.index(label) for label in phrase.labels]
    return Arrays(features[0], torch.tensor(phrase.heads) + 1, torch.tensor(roles))


def collate(phrases: Sequence[Arrays]) -> Batch:
    """Phrases of different lengths side by side."""
    pad = partial(torch.nn.utils.rnn.pad_sequence, batch_first=True)
    return Batch(
        pad([one.features for one in phrases]),
        torch.tensor([len(one.heads) for one in phrases]),
        pad([one.heads for one in phrases], padding_value=_NO_WORD),
        pad([one.roles for one in phrases], padding_value=_NO_WORD),
    )


def parse_loss(network: ParserNetwork, batch: Batch) -> dict[str, Tensor]:
    """Cross-entropy of the heads, and of the roles at the gold heads."""
    device = network.arc.device
    heads, roles = batch.heads.to(device), batch.roles.to(device)
    scores = network(batch.features.to(device), batch.lengths)
    # No word may be headed by what stands past its phrase's end.
    past = torch.arange(scores.heads.shape[2]) > batch.lengths[:, None]
    arcs = scores.heads.masked_fill(past.to(device)[:, None], -1e4)
    at = heads.clamp(min=0)[..., None, None].expand(*heads.shape, 1, len(ROLES))
    chosen = scores.roles.gather(2, at)[:, :, 0]
    return {
        "loss_head": cross_entropy(arcs.flatten(0, 1), heads.flatten(), ignore_index=_NO_WORD),
        "loss_role": cross_entropy(chosen.flatten(0, 1), roles.flatten(), ignore_index=_NO_WORD),
    }
