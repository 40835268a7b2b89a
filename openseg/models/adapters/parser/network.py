"""A graph-based dependency parser: each word scores each other word as its head.

Dozat and Manning, "Deep Biaffine Attention for Neural Dependency Parsing", ICLR 2017,
arXiv:1611.01734, in small: one table of hashed features, two bidirectional LSTM layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from openseg.types.parse import Role


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of the network.

    Attributes:
        roles: Names of the roles, in the order of the network's outputs.
        rows: Rows of the table of features.
        width: Width of the table.
        hidden: Width of each direction of each LSTM layer.
        layers: LSTM layers.
        arc: Width in which heads are scored.
        role: Width in which roles are scored.
    """

    roles: tuple[Role, ...]
    rows: int = 4096
    width: int = 40
    hidden: int = 64
    layers: int = 2
    arc: int = 64
    role: int = 32


class Scores(NamedTuple):
    """What the network says of a batch of phrases; words past a phrase's end mean nothing.

    Attributes:
        heads: `[b, n, n + 1]`: how well word `j - 1` suits as the head of word i; column 0 is for
            being the root.
        roles: `[b, n, n + 1, r]`: how well each role suits that pair.
    """

    heads: Tensor
    roles: Tensor


class ParserNetwork(nn.Module):
    """Scores heads and roles of the words of phrases.

    Args:
        config: Sizes.
        dropout: Share of activations dropped in training.
    """

    def __init__(self, config: NetworkConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        both = 2 * config.hidden
        self.table = nn.Embedding(config.rows, config.width, padding_idx=0)
        # What training never sees adds nothing, instead of noise.
        nn.init.zeros_(self.table.weight)
        self.lstm = nn.LSTM(
            config.width,
            config.hidden,
            config.layers,
            batch_first=True,
            bidirectional=True,
            dropout=dropout,
        )
        self.nothing = nn.Parameter(torch.zeros(both))
        self.drop = nn.Dropout(dropout)
        self.arc_word, self.arc_head = nn.Linear(both, config.arc), nn.Linear(both, config.arc)
        self.role_word, self.role_head = nn.Linear(both, config.role), nn.Linear(both, config.role)
        self.arc = nn.Parameter(torch.zeros(config.arc + 1, config.arc))
        self.role = nn.Parameter(torch.zeros(len(config.roles), config.role + 1, config.role + 1))
        for weight in (self.arc, self.role):
            nn.init.normal_(weight, std=0.1)

    def forward(self, features: Tensor, lengths: Tensor) -> Scores:
        """Scores a batch.

        Args:
            features: int64 `[b, n, f]` rows of the table, 0 past a phrase's end.
            lengths: int64 `[b]` words of each phrase, on the CPU, each at least 1.
        """
        seen = self.drop(self.table(features).sum(dim=2))
        packed = pack_padded_sequence(seen, lengths, batch_first=True, enforce_sorted=False)
        words, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        words = self.drop(words)
        nothing = self.nothing.expand(len(words), 1, -1)
        candidates = torch.cat([nothing, words], dim=1)
        relu = torch.nn.functional.relu
        heads = torch.einsum(
            "bnx,xy,bmy->bnm",
            _with_one(relu(self.arc_word(words))),
            self.arc,
            relu(self.arc_head(candidates)),
        )
        roles = torch.einsum(
            "bnx,rxy,bmy->bnmr",
            _with_one(relu(self.role_word(words))),
            self.role,
            _with_one(relu(self.role_head(candidates))),
        )
        return Scores(heads, roles)


def _with_one(values: Tensor) -> Tensor:
    """A column of ones after the others: the bias of a product."""
    return torch.cat([values, torch.ones_like(values[..., :1])], dim=-1)
