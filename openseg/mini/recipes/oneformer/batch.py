"""Training batches of the mini OneFormer: those of the mini Mask2Former, with a task a still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from openseg.mini.recipes.mask2former import batch as crops
from openseg.mini.recipes.mask2former.classes import KNOWN
from openseg.mini.recipes.oneformer.words import build_tokenizer, sentences_about, token_ids
from openseg.mini.recipes.stills import Still, Stills
from openseg.mini.rooms.vocabulary import STRUCTURE
from openseg.models.tasks.universal import Task

TASKS: tuple[Task, ...] = get_args(Task)
"""A still's task is one of these, each as likely: TASK_PROB of the authors' settings."""


@dataclass(frozen=True)
class Batch:
    """One training batch of b crops.

    Attributes:
        crops: pixels, and the segments that each crop's task asks for.
        tasks: token ids of the sentences that name the tasks, int64 [b, t].
        texts: token ids of the sentences about the crops, int64 [b, s, t].
    """

    crops: crops.Batch
    tasks: Tensor
    texts: Tensor

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        return Batch(self.crops.to(device), self.tasks.to(device), self.texts.to(device))


class Batches:
    """Makes the batch of each step.

    Args:
        stills: training stills.
        seed: seed of every draw.
        scale: times the usual batch.
    """

    def __init__(self, stills: Stills, seed: int, scale: int = 1) -> None:
        self._count = scale * crops.STILLS_A_STEP
        self._stills = stills
        self._seed = seed

    def __call__(self, step: int) -> Batch:
        """The batch of a step; every draw depends on seed and step alone."""
        stills = self._stills.sample(step, self._count, self._seed)
        rng = np.random.default_rng((self._seed, step, 1))
        tasks = [TASKS[place] for place in rng.integers(len(TASKS), size=len(stills))]
        return make_batch(stills, tasks, rng)


def make_batch(stills: Sequence[Still], tasks: Sequence[Task], rng: np.random.Generator) -> Batch:
    """Crop stills and ask each for its task.

    Args:
        stills: the stills.
        tasks: the task of each.
        rng: source of chance.
    """
    tokenizer = build_tokenizer()
    made = crops.make_batch(stills, rng)
    asked = [
        segments_for(task, masks, classes)
        for task, masks, classes in zip(tasks, made.masks, made.classes, strict=True)
    ]
    texts = [
        token_ids(sentences_about(task, classes.tolist()), tokenizer)
        for task, (_, classes) in zip(tasks, asked, strict=True)
    ]
    shown = crops.Batch(made.pixels, [masks for masks, _ in asked], [names for _, names in asked])
    words = token_ids([f"the task is {task}" for task in tasks], tokenizer)
    return Batch(shown, words, torch.stack(texts))


def segments_for(task: Task, masks: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """What a task asks for: all segments, those of things, or one a class.

    Args:
        task: the task.
        masks: the panoptic segments, float32 [m, h, w], 0 or 1.
        classes: their classes, int64 [m].
    """
    if task == "instance":
        things = torch.tensor([KNOWN[name] not in STRUCTURE for name in classes.tolist()])
        rows = things.nonzero().flatten()
        return masks[rows], classes[rows]
    if task == "semantic" and len(classes):
        kinds = torch.unique(classes)
        return torch.stack([masks[classes == kind].amax(dim=0) for kind in kinds]), kinds
    return masks, classes
