"""A closed-set proposer: how well its masks fit, and whether known things get their names."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from openseg import ops
from openseg.mini.measures.score import Score, image_of
from openseg.mini.recipes.stills import Still
from openseg.models.tasks.proposals import MaskProposer

OBJECT = 0.5
"""Least chance to be an object of a mask that counts as found."""


def proposer_scores(proposer: MaskProposer, stills: Sequence[Still]) -> dict[str, Score]:
    """Mean IoU of the best mask of each thing, and the share of known things named rightly.

    Args:
        proposer: The proposer.
        stills: What it is asked about.

    Returns:
        `known` and `unknown`, mean IoU over things of the classes it was and was not taught;
        `named`, over known things, whether their best mask is taken for their class;
        `masks`, how many it finds in a picture.
    """
    iou: dict[bool, list[float]] = {True: [], False: []}
    named: list[bool] = []
    counts: list[float] = []
    for still in stills:
        [found] = proposer.propose([image_of(still)])
        keep = found.classes.sum(dim=1) >= OBJECT
        masks, classes = found.masks[keep].cpu(), found.classes[keep].cpu()
        counts.append(float(len(masks)))
        for seen in still.things:
            known = seen.thing.category in proposer.class_names
            overlap = ops.masks.iou(torch.from_numpy(still.mask(seen))[None], masks)[0]
            iou[known].append(float(overlap.max()) if len(masks) else 0.0)
            if known:
                said = int(classes[overlap.argmax()].argmax()) if len(masks) else -1
                named.append(said >= 0 and proposer.class_names[said] == seen.thing.category)
    return {
        "known": Score.of(iou[True]),
        "unknown": Score.of(iou[False]),
        "named": Score.of(named),
        "masks": Score.of(counts),
    }
