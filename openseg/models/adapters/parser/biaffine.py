"""The parser this project trains: a biaffine network and the best tree over its scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from openseg.models.adapters.chunks import in_chunks
from openseg.models.adapters.parser.network import NetworkConfig, ParserNetwork
from openseg.models.adapters.parser.words import FEATURES, features, word_spans
from openseg.models.pretrained import assign, read_tensors
from openseg.ops.trees import projective_heads
from openseg.types import ParsedPhrase, ParsedWord
from openseg.types.errors import InputError, MissingWeightsError
from openseg.types.parse import ROLES

MODEL_TYPE = "openseg-parser"
"""What `model_type` says in the checkpoint's `config.json`."""

PHRASES_PER_CALL = 256
MOST_WORDS = 256
"""Finding the best tree takes time that grows with the cube of the words."""


class BiaffineParser:
    """`SentenceParser` over our own network.

    Args:
        network: The network, in eval mode.
    """

    def __init__(self, network: ParserNetwork) -> None:
        self._network = network

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:  # noqa: ARG003
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`.

        Whatever `dtype` says, so small a network computes in float32.
        """
        network = ParserNetwork(read_config(folder))
        return cls(assign(network, read_tensors(folder), folder, device, torch.float32))

    @torch.inference_mode()
    def parse(self, texts: Sequence[str]) -> list[ParsedPhrase]:
        """Parses phrases; see `openseg.models.tasks.parsing.SentenceParser.parse`.

        Raises:
            InputError: If a phrase has more than `MOST_WORDS` words.
        """
        spans = [word_spans(text) for text in texts]
        for text, found in zip(texts, spans, strict=True):
            if len(found) > MOST_WORDS:
                raise InputError(
                    f"the phrase '{text[:40]}...' has {len(found)} words, the most are "
                    f"{MOST_WORDS}",
                    fix="split it with ';'",
                )

        def run(part: slice) -> list[ParsedPhrase]:
            return self._parse(texts[part], spans[part])

        return list(chain.from_iterable(in_chunks(len(texts), PHRASES_PER_CALL, run)))

    def _parse(
        self, texts: Sequence[str], spans: Sequence[list[tuple[int, int]]]
    ) -> list[ParsedPhrase]:
        words = [[text[a:b] for a, b in found] for text, found in zip(texts, spans, strict=True)]
        rows, lengths = as_rows(words, self._network.config.rows)
        scores = self._network(rows.to(self._network.arc.device), lengths)
        heads, roles = scores.heads.float().cpu(), scores.roles.float().cpu()
        return [
            self._tree(text, found, heads[i, :n, : n + 1], roles[i, :n, : n + 1])
            for i, (text, found, n) in enumerate(zip(texts, spans, lengths.tolist(), strict=True))
        ]

    def _tree(
        self, text: str, spans: Sequence[tuple[int, int]], arcs: Tensor, roles: Tensor
    ) -> ParsedPhrase:
        """The best tree, then the best role of each of its arcs; the root's is "root"."""
        heads = projective_heads(arcs.log_softmax(dim=-1))
        known = self._network.config.roles
        roles[..., known.index("root")] = -torch.inf
        best = roles[range(len(heads)), [head + 1 for head in heads]].argmax(dim=-1).tolist()
        return ParsedPhrase(
            text,
            tuple(
                ParsedWord(*span, head, "root" if head < 0 else known[role])
                for span, head, role in zip(spans, heads, best, strict=True)
            ),
        )


def read_config(folder: Path) -> NetworkConfig:
    """Sizes of the network in a checkpoint's folder.

    Raises:
        MissingWeightsError: If `config.json` is missing or is that of another model.
    """
    file = folder / "config.json"
    try:
        described = json.loads(file.read_text("utf-8"))
        kind, roles = described.pop("model_type"), tuple(described.pop("roles"))
        config = NetworkConfig(roles, **described)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MissingWeightsError(
            f"cannot read the parser's configuration: {error}", where=str(file)
        ) from error
    if kind != MODEL_TYPE or set(roles) != set(ROLES):
        raise MissingWeightsError(
            "this is not a parser of this version of openseg", where=str(file)
        )
    return config


def as_rows(phrases: Sequence[Sequence[str]], rows: int) -> tuple[Tensor, Tensor]:
    """The network's inputs for phrases.

    Args:
        phrases: The words of each phrase, at least one phrase and one word each.
        rows: Rows of the network's table.

    Returns:
        int64 `[b, n, FEATURES]` rows of the table, 0 past a phrase's end, and int64 `[b]` lengths.
    """
    lengths = torch.tensor([len(words) for words in phrases])
    table = torch.zeros(len(phrases), int(lengths.max()), FEATURES, dtype=torch.int64)
    for row, words in zip(table, phrases, strict=True):
        row[: len(words)] = torch.tensor([features(word, rows) for word in words])
    return table, lengths
