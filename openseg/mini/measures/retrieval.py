"""A self-supervised encoder: is a thing found again in another view, among thirty?

The query is the masked crop of a thing in one view of a walk. The thirty are the same thing in
another view and 29 other things, those of the same room first. Things that look the same as the
query's (category, colour, material, coloured parts) are left out: nobody could tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from openseg import ops
from openseg.io.images import image_from
from openseg.mini.measures.score import Score
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.walks import Track, tracks
from openseg.models.protocols import ImageEncoder
from openseg.types import Image

CHOICES = 30
FILL = (124, 116, 104)
"""Mean colour of ImageNet's pictures, which is about zero after the usual normalisation."""


def retrieval_scores(encoder: ImageEncoder, views: Stills, *, seed: int = 0) -> dict[str, Score]:
    """Share of queries whose own thing is the nearest of thirty by cosine of the summaries.

    Args:
        encoder: The encoder.
        views: Views of walks through rooms.
        seed: Seed of the views that are compared and of the order of other rooms.

    Returns:
        `top 1 of 30`.
    """
    rng = np.random.default_rng(seed)
    known = tracks(views)
    chosen = [rng.permutation(len(track.views))[:2] for track in known]
    queries = _summaries(encoder, views, known, [int(pair[0]) for pair in chosen])
    targets = _summaries(encoder, views, known, [int(pair[1]) for pair in chosen])
    fit = queries @ targets.T
    hits = []
    for k, track in enumerate(known):
        order = rng.permutation(len(known))
        others = [int(i) for i in order if known[i].look != track.look]
        others.sort(key=lambda i: known[i].room != track.room)
        if len(others) >= CHOICES - 1:
            rivals = others[: CHOICES - 1]
            hits.append(bool(fit[k, k] > fit[k, rivals].max()))
    return {"top 1 of 30": Score.of(hits)}


def _summaries(
    encoder: ImageEncoder, views: Stills, known: Sequence[Track], which: Sequence[int]
) -> Tensor:
    """Unit summaries of one view of each thing, float32 [n, d]."""
    found = encoder.encode(
        [_crop(views, track, view) for track, view in zip(known, which, strict=True)]
    )
    return torch.nn.functional.normalize(torch.stack([one.summary for one in found]), dim=-1)


def _crop(views: Stills, track: Track, view: int) -> Image:
    index, seen = track.views[view]
    still = views[index]
    pixels = torch.from_numpy(np.array(still.image)).permute(2, 0, 1)
    mask = torch.from_numpy(still.mask(seen))
    [crop] = ops.crops.masked_crops(pixels, mask[None], FILL, margin=0.1)
    return image_from(crop.permute(1, 2, 0).numpy(), f"{track.room}-{seen.thing.id}-{index}")
