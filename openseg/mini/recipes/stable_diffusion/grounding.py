"""The auxiliary loss of `mini-sd`: the words of a phrase attend to the pixels they mean.

Two terms on the attention of each resolution, averaged over its layers: a phrase's share of every
cell's attention should be the share of the cell that it covers, and the attention a word draws from
the whole picture should come from its pixels. Both fade with the noise: what cannot be seen cannot
be pointed at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from openseg.mini.recipes.stable_diffusion.views import TrainingView
from openseg.models.adapters.stable_diffusion.spans import Spelling, tokens_of

LEAST_COVERED = 4.0
"""Pixels of the training picture that must show a mention for anything to be asked of its words."""
_EPSILON = 1e-4


@dataclass(frozen=True)
class Words:
    """Grounded words of a batch: w words and p phrases over b pictures.

    Attributes:
        row: picture of each phrase, int64 [p].
        coverage: share of each pixel the phrase means, float32 [p, side, side].
        phrase_tokens: tokens of the whole phrase, float32 [p, tokens], 0 or 1.
        phrase: phrase of each word, int64 [w].
        word_tokens: tokens of the word, averaged: rows sum to 1, float32 [w, tokens].
    """

    row: Tensor
    coverage: Tensor
    phrase_tokens: Tensor
    phrase: Tensor
    word_tokens: Tensor

    def to(self, device: torch.device) -> Words:
        """The same on a device."""
        return Words(*(value.to(device) for value in vars(self).values()))


def grounded_words(views: Sequence[TrainingView], spelled: Sequence[Spelling]) -> Words:
    """Find the tokens of every mention that the picture shows.

    Args:
        views: the pictures.
        spelled: their captions as token ids, in the same order.
    """
    length, side = len(spelled[0].ids), views[0].pixels.shape[-1]
    rows: list[int] = []
    owners: list[int] = []
    covers, phrase_tokens, word_tokens = [], [], []
    for row, (view, spelling) in enumerate(zip(views, spelled, strict=True)):
        for mention, cover in zip(view.mentions, view.coverage, strict=True):
            if float(cover.sum()) < LEAST_COVERED:
                continue
            whole = torch.zeros(length)
            for word in mention.words:
                one = torch.zeros(length)
                one[tokens_of(spelling.spans, word)] = 1.0
                whole += one
                owners.append(len(rows))
                word_tokens.append(one / one.sum())
            rows.append(row)
            covers.append(cover)
            phrase_tokens.append(whole)
    return Words(
        torch.tensor(rows, dtype=torch.int64),
        torch.stack(covers) if covers else torch.zeros(0, side, side),
        torch.stack(phrase_tokens) if covers else torch.zeros(0, length),
        torch.tensor(owners, dtype=torch.int64),
        torch.stack(word_tokens) if covers else torch.zeros(0, length),
    )


def grounding_loss(
    strides: Mapping[int, Tensor], words: Words, visible: Tensor
) -> dict[str, Tensor]:
    """Compare attention with masks.

    Args:
        strides: attention by stride, float32 [b, tokens, s, s].
        words: the grounded words.
        visible: how much of each picture the noise leaves, float32 [b] in 0 to 1.

    Returns:
        ``share`` and ``inside``: means over phrases and words, over resolutions too; 0 without any.
    """
    if not len(words.row):
        nothing = torch.zeros((), device=visible.device)
        return {"share": nothing, "inside": nothing}
    weight = visible[words.row]
    shares, insides = [], []
    for maps in strides.values():
        cover = adaptive_avg_pool2d(words.coverage, maps.shape[-1])
        attention = maps[words.row].flatten(2)
        cover = cover.flatten(1)
        share = torch.einsum("pt,ptc->pc", words.phrase_tokens, attention)
        share = share.clamp(_EPSILON, 1.0 - _EPSILON)
        wrong = -(cover * share.log() + (1.0 - cover) * (1.0 - share).log())
        # Things are small: inside and outside count alike, whatever their areas.
        within = (wrong * cover).sum(1) / cover.sum(1)
        outside = (wrong * (1.0 - cover)).sum(1) / (1.0 - cover).sum(1).clamp(min=1.0)
        shares.append(((within + outside) * weight).mean())
        drawn = torch.einsum("wt,wtc->wc", words.word_tokens, attention[words.phrase])
        inside = (drawn * cover[words.phrase]).sum(1) / drawn.sum(1).clamp(min=_EPSILON)
        insides.append((-inside.clamp(min=_EPSILON).log() * weight[words.phrase]).mean())
    return {"share": torch.stack(shares).mean(), "inside": torch.stack(insides).mean()}
