"""How much objects of a scene overlap the true ones, and truth as objects."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from openseg.ops.text import parse_query
from openseg.types import Instances3D, PointCloud
from openseg_evals.oracle.columns import COLUMNS
from openseg_evals.oracle.truth import Truth
from openseg_evals.samples import SceneTarget

POINTS = 12
MASKS = st.lists(st.lists(st.booleans(), min_size=POINTS, max_size=POINTS), max_size=4)
CPU = torch.device("cpu")


def truth_of(masks: list[list[bool]], label: int = 5) -> Truth:
    targets = [SceneTarget(label, np.flatnonzero(mask).astype(np.int64)) for mask in masks]
    return Truth.of_scene(
        SimpleNamespace(targets=lambda: targets, class_ids=(3, label)), POINTS, CPU
    )


@given(MASKS, MASKS)
def test_overlap_is_intersection_over_union(mine, true):
    true = [mask for mask in true if any(mask)]
    masks = torch.tensor(mine, dtype=torch.bool).reshape(-1, POINTS)
    found = COLUMNS[Instances3D].overlap(
        Instances3D.from_masks(masks, torch.ones(len(mine))), truth_of(true)
    )
    sets = [[{i for i, inside in enumerate(mask) if inside} for mask in s] for s in (mine, true)]
    expected = [[len(a & b) / len(a | b) for b in sets[1]] for a in sets[0]]
    assert found.shape == (len(mine), len(true))
    assert np.allclose(found.numpy(), np.array(expected).reshape(found.shape))


def test_truth_is_objects_with_the_phrases_asked_for():
    truth = truth_of([[True] * 3 + [False] * 9, [False] * 10 + [True] * 2])
    objects = COLUMNS[Instances3D].true(truth, parse_query("mat; box"))
    assert [objects.of(row).tolist() for row in range(2)] == [[0, 1, 2], [10, 11]]
    assert [one.text for one in objects.phrases.items] == ["box", "box"]
    assert objects.scores.tolist() == [1, 1]
    assert objects.total == POINTS


def test_truth_is_carried_to_a_thinner_cloud():
    line = torch.stack([torch.arange(POINTS), torch.zeros(POINTS), torch.zeros(POINTS)], dim=1)
    cloud = PointCloud(0.01 * line.float(), torch.zeros(POINTS, 3, dtype=torch.uint8))
    rows = torch.tensor([1, 4, 7, 10])
    few = PointCloud(cloud.positions[rows] + 0.001, cloud.colors[rows])
    mine = [[i < 5 for i in range(POINTS)], [i == 8 for i in range(POINTS)]]
    truth = truth_of(mine).on(cloud, few)
    assert truth.masks[:, 0].tolist() == [[True, True, False, False], [False] * 4]
    assert truth.phrases.tolist() == [1, 1]
    far = PointCloud(cloud.positions[rows] + 5, cloud.colors[rows])
    assert not truth_of(mine).on(cloud, far).masks.any()
