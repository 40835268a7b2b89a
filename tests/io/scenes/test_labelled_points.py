"""Labelled points: places become points of the cloud, mistakes are named with their line."""

from __future__ import annotations

import pytest
import torch

from openseg.io.scenes.labelled_points import read_labelled_points
from openseg.types import PointCloud
from openseg.types.errors import InputError

HEAD = "object,phrase,x,y,z"


@pytest.fixture
def cloud():
    """Five points on a line, a metre apart."""
    positions = torch.arange(5.0)[:, None] * torch.tensor([1.0, 0, 0])
    return PointCloud(positions, torch.zeros(5, 3, dtype=torch.uint8))


def test_places_stand_for_the_nearest_points(cloud, tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(f"{HEAD}\na,cup,3.02,0,0\nb,chair,0,0.01,0\na,cup,1,0,0\nc,cup,4,0,0\n")
    found = read_labelled_points(path, cloud)
    assert [found.of(row).tolist() for row in range(3)] == [[1, 3], [0], [4]]
    assert [one.text for one in found.phrases.items] == ["cup", "chair", "cup"]
    assert [one.class_id for one in found.phrases.items] == [0, 1, 0]
    assert found.total == 5


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["object,phrase,x,y", "a,cup,1,0"], "has no column z"),
        ([HEAD], "holds no points"),
        ([HEAD, "a,cup,1,0,0", "a,cup,1,zero,0"], r"labels.csv:3: .*is no place"),
        ([HEAD, "a,cup,nan,0,0"], "labels.csv:2: the place is not finite"),
        ([HEAD, "a,cup,1,0,0", "a,cup,1,9,0"], r"labels.csv:3: its place lies 9.00 m"),
    ],
)
def test_mistakes_are_named(lines, said, cloud, tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        read_labelled_points(path, cloud)
    import re

    assert re.search(said, str(caught.value))
