"""Votes of the views give the classes and scores that the published Open-YOLO 3D program gives.

`published.json` came from running github.com/aminebdj/OpenYOLO3D (24f344d), `label_3d_masks_from_
label_maps`, on these arrays: each mask's class and score, then the best pairs of mask and class.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from openseg.ops.scenes import looking, sights, voting
from openseg.types import Instances3D
from tests.parity.open_yolo_3d import arrays as made

PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text())


def votes(seed):
    given = made.arrays(seed)
    instances = Instances3D.from_masks(given.masks, torch.ones(made.MASKS))
    looks = []
    for view, visible in enumerate(given.visible):
        points = visible.nonzero()[:, 0]
        x, y = given.projections[view, points].long().unbind(dim=1)
        looks.append(looking.Look(view, made.SIZE, points, y * made.SIZE[1] + x))
    views = sights.instance_views(looks, instances, made.VIEWS)
    chosen = voting.best_views(views, made.TOP_VIEWS)
    labels = [voting.ViewLabels(*pair) for pair in zip(given.boxes, given.labels, strict=True)]
    return voting.vote(looks, instances, chosen, labels.__getitem__, made.CLASSES, views.boxes)


@pytest.mark.parametrize(("seed", "published"), list(zip(made.SEEDS, PUBLISHED, strict=True)))
def test_classes_and_scores(seed, published):
    found = votes(seed)
    share = found.counts.amax(dim=1) / found.seen
    assert found.counts.argmax(dim=1).tolist() == published["classes"]
    assert (share * found.fit).tolist() == pytest.approx(published["scores"], abs=1e-6)


@pytest.mark.parametrize(("seed", "published"), list(zip(made.SEEDS, PUBLISHED, strict=True)))
def test_pairs_of_mask_and_class(seed, published):
    counts = votes(seed).counts
    strength = counts / counts.amax(dim=1, keepdim=True)
    weakest = published["pairs"][-1][2]
    ours = {(int(m), int(c)): float(strength[m, c]) for m, c in (strength > weakest).nonzero()}
    theirs = {(m, c): s for m, c, s in published["pairs"] if s > weakest}
    assert ours == pytest.approx(theirs, abs=1e-6)
