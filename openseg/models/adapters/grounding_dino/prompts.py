"""Phrases as Grounding DINO reads them: `[CLS] phrase . phrase . [SEP]`, with who owns each token.

The model separates phrases at the ids of `[CLS]`, `[SEP]`, `.` and `?`, wherever they come from, so
these ids are taken out of the phrases themselves: "t. rex" and "what?" stay whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from openseg.models.text_chunks import check_phrase, chunk

FRAME = 2
"""`[CLS]` and `[SEP]`."""


@dataclass(frozen=True)
class Prompt:
    """One caption and the phrases in it.

    Attributes:
        ids: Token ids, `t` of them.
        owners: For each token the phrase it belongs to, counted from 0 in this prompt; -1 for
            separators.
        phrases: Which phrases of the request these are.
    """

    ids: tuple[int, ...]
    owners: tuple[int, ...]
    phrases: range

    def scores(self, logits: Tensor) -> Tensor:
        """Scores of phrases: the best of each phrase's own tokens.

        Args:
            logits: float32 `[q, >= t]` queries by tokens.

        Returns:
            float32 `[q, k]` in [0, 1] for the `k` phrases of the prompt.
        """
        count = len(self.phrases)
        columns = torch.tensor(self.owners, device=logits.device)
        owned = (columns >= 0).nonzero()[:, 0]
        target = columns[owned].expand(len(logits), -1)
        best = logits.new_full((len(logits), count), float("-inf"))
        return best.scatter_reduce(1, target, logits[:, owned], "amax").sigmoid()


class PhrasePrompts:
    """Makes prompts.

    Args:
        tokenizer: A BERT tokenizer of `transformers`.
        limit: Tokens a prompt may hold, `[CLS]` and `[SEP]` included.
    """

    def __init__(self, tokenizer: Any, limit: int) -> None:
        self._tokenizer = tokenizer
        self._limit = limit
        self.separators: tuple[int, ...] = tuple(
            tokenizer.convert_tokens_to_ids(["[CLS]", "[SEP]", ".", "?"])
        )

    def __call__(self, phrases: Sequence[str]) -> list[Prompt]:
        """As many prompts as the text limit asks for, phrases in order, none cut.

        Args:
            phrases: The phrases; repetitions are separate phrases.

        Raises:
            InputError: If a phrase has no word or exceeds the limit alone.
        """
        if not phrases:
            return []
        spelled = self._tokenizer(
            [phrase.lower() for phrase in phrases], add_special_tokens=False, verbose=False
        )["input_ids"]
        dropped = {*self.separators, self._tokenizer.pad_token_id}
        tokens = [[one for one in ids if one not in dropped] for ids in spelled]
        for phrase, ids in zip(phrases, tokens, strict=True):
            check_phrase(phrase, len(ids), self._limit - FRAME - 1)
        chunks = chunk([len(ids) + 1 for ids in tokens], self._limit - FRAME)
        return [self._prompt([tokens[i] for i in phrases], phrases) for phrases in chunks]

    def _prompt(self, tokens: Sequence[Sequence[int]], phrases: range) -> Prompt:
        start, end, period, _ = self.separators
        ids, owners = [start], [-1]
        for owner, own in enumerate(tokens):
            ids += [*own, period]
            owners += [*[owner] * len(own), -1]
        return Prompt((*ids, end), (*owners, -1), phrases)
