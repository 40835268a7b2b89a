"""The loss of the mini DINO: one thing from two places, and patches from their surroundings.

A student and its moving average, the teacher, see the two views. The student's key of a thing must
be nearer to the teacher's key of the other view than to those of other things (van den Oord et al.
2018, arXiv:1807.03748, across views as Tian et al. 2019, arXiv:1906.05849); where patches are
hidden from it, it says what the teacher makes of them (Baevski et al. 2022, arXiv:2202.03555); and
keys keep apart (KoLeo, as in DINOv2, arXiv:2304.07193).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from openseg.mini.recipes.dino.model import Pretraining
from openseg.mini.recipes.dino.views import Batch
from openseg.mini.recipes.training import half_precision

TEMPERATURE = 0.1
SPREAD_WEIGHT = 0.05


def batch_loss(student: Pretraining, teacher: Pretraining, batch: Batch) -> dict[str, Tensor]:
    """Losses of one batch by name.

    Args:
        student: the network that learns.
        teacher: its moving average.
        batch: n pairs of views.
    """
    device = next(student.parameters()).device
    pixels, hidden = batch.pixels.to(device), batch.hidden.to(device)
    with half_precision(device):
        seen = student(pixels, hidden)
        with torch.no_grad():
            known = teacher(pixels)
    key = functional.normalize(seen.key.float(), dim=-1)
    wanted = functional.normalize(known.key.float(), dim=-1)
    return {
        "loss_view": contrast(key, wanted),
        "loss_patch": _patches(seen.guesses.float(), known.patches.float(), hidden),
        "loss_spread": SPREAD_WEIGHT * spread(key),
    }


def contrast(key: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of finding each view's partner among the other views.

    Args:
        key: unit keys of 2n views, the partner of row k is row (k + n) % 2n, [2n, d].
        wanted: the teacher's keys of the same views.
    """
    count = len(key)
    partner = (torch.arange(count, device=key.device) + count // 2) % count
    logits = key @ wanted.T / TEMPERATURE
    logits = logits.masked_fill(torch.eye(count, dtype=torch.bool, device=key.device), -1e4)
    return functional.cross_entropy(logits, partner)


def spread(key: Tensor) -> Tensor:
    """Mean negative log distance of each of n unit vectors to the nearest other."""
    nearest = (key @ key.T).fill_diagonal_(-2.0).argmax(dim=1)
    distance: Tensor = (key - key[nearest]).norm(dim=1)
    return -(distance + 1e-4).log().mean()


def _patches(guesses: Tensor, patches: Tensor, hidden: Tensor) -> Tensor:
    """One minus the cosine between guessed and known patches, where they are hidden."""
    known = functional.layer_norm(patches[hidden], patches.shape[-1:])
    return 1.0 - functional.cosine_similarity(guesses[hidden], known, dim=-1).mean()
