"""3D semantics by hand, where the conventions part."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.types.errors import UserError
from openseg_evals.metrics.scenes.scannet_semantics import scannet_semantics
from openseg_evals.score.registry import score
from tests.parity.evals.cases_3d import points_3d, write_integers

# class 0: 6 right, 2 taken for class 1, 2 for nothing; class 1 has no truth; class 2 neither
COUNTS = np.array([[6, 2, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize(
    ("convention", "miou", "macc", "classes"),
    [
        ("scannet", 0.6 / 2, 0.6, 2),
        ("truth", 0.6, 0.6, 1),
        ("openscene", 6 / 8 / 3, 0.6 / 3, 3),
        ("conceptgraphs", 1, 1, 1),
    ],
)
def test_conventions_by_hand(convention, miou, macc, classes):
    scores = scannet_semantics(COUNTS, convention)
    assert scores["mIoU"] == pytest.approx(miou)
    assert scores["mAcc"] == pytest.approx(macc)
    assert scores["classes_averaged"] == classes


def test_no_truth_is_none():
    assert scannet_semantics(np.zeros((2, 3), np.int64), "scannet")["mIoU"] is None


def test_a_prediction_of_another_mesh_is_refused(tmp_path):
    points_3d(tmp_path, [1, 2, 3, 4, 5])
    write_integers(tmp_path / "predictions/scene1.txt", [1, 2])
    with pytest.raises(UserError, match=r"scene1.txt: has 2 lines, the truth has 900 vertices"):
        score("scannet_semantics", tmp_path / "truth", tmp_path / "predictions", {})
