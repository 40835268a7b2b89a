"""SAM 3's text encoder: every phrase is read once, none is cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from openseg.models.text_chunks import check_phrase

FRAME = 2
"""Start and end token of a phrase."""
TEXTS_AT_ONCE = 64
REMEMBERED_TEXTS = 20_000


class Words:
    """Phrases as the network reads them, a vector a token.

    Args:
        model: `transformers`' `Sam3Model`.
        tokenizer: The checkpoint's own, CLIP's.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._limit = int(model.config.text_config.max_position_embeddings)
        self._read: dict[str, tuple[Tensor, Tensor]] = {}

    def read(self, phrases: Sequence[str]) -> None:
        """Encodes the phrases that have not been read yet.

        Raises:
            openseg.types.errors.InputError: If a phrase has no word or exceeds the limit.
        """
        new = [phrase for phrase in dict.fromkeys(phrases) if phrase not in self._read]
        if not new:
            return
        spelled = self._tokenizer(new, verbose=False)["input_ids"]
        for phrase, ids in zip(new, spelled, strict=True):
            check_phrase(phrase, len(ids) - FRAME, self._limit - FRAME)
        if len(self._read) + len(new) > REMEMBERED_TEXTS:
            self._read.clear()
            new = list(dict.fromkeys(phrases))
        for start in range(0, len(new), TEXTS_AT_ONCE):
            batch = new[start : start + TEXTS_AT_ONCE]
            tokens = self._tokenizer(
                batch, padding="max_length", max_length=self._limit, return_tensors="pt"
            ).to(self._model.device)
            ids, mask = tokens["input_ids"], tokens["attention_mask"]
            vectors = self._model.get_text_features(ids, mask).pooler_output
            self._read |= dict(zip(batch, zip(vectors, mask, strict=True), strict=True))

    def features(self, phrases: Sequence[str]) -> tuple[Tensor, Tensor]:
        """What was read.

        Args:
            phrases: Phrases that were given to `read`.

        Returns:
            Vectors float32 `[n, t, d]`, and int64 `[n, t]`, 1 for a token and 0 for padding.
        """
        vectors, masks = zip(*(self._read[phrase] for phrase in phrases), strict=True)
        return torch.stack(vectors), torch.stack(masks)
