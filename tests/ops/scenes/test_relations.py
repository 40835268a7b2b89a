"""A cup on a table, a ball under it, a chair beside it, a lamp above: relations say so."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from openseg.ops.scenes import relations
from openseg.types import Instances3D
from tests.contract.scene_values import _frames

TABLE = [1.0, 1.0, 0.0, 2.0, 2.0, 0.8]
CUP = [1.4, 1.4, 0.8, 1.5, 1.5, 0.9]
BALL = [1.4, 1.4, 0.0, 1.6, 1.6, 0.2]
CHAIR = [2.1, 1.2, 0.0, 2.5, 1.6, 0.9]
LAMP = [1.4, 1.4, 2.0, 1.6, 1.6, 2.3]
FAR = [5.0, 5.0, 0.0, 5.4, 5.4, 0.9]
THINGS = torch.tensor([CUP, BALL, CHAIR, LAMP, FAR])
ON_TABLE, UNDER, BESIDE, OVER, AWAY = range(5)


@pytest.mark.parametrize(
    ("relation", "winner"),
    [
        (relations.on, ON_TABLE),
        (relations.under, UNDER),
        (relations.above, OVER),
        (relations.inside, UNDER),
    ],
)
def test_one_of_them_stands_so(relation, winner):
    values = relation(THINGS, torch.tensor([TABLE]))[:, 0]
    assert int(values.argmax()) == winner
    assert values[winner] > 0.9
    assert values[AWAY] < 0.05


def test_near_falls_with_the_gap_between_boxes():
    values = relations.near(THINGS, torch.tensor([TABLE]))[:, 0]
    assert values[ON_TABLE] == 1  # it touches
    assert values[BESIDE] == pytest.approx(0.82, abs=0.01)  # exp(-0.1 / 0.5)
    assert values[AWAY] < 0.01


def test_between_is_near_the_middle_of_the_line():
    ends = torch.tensor([[0.0, 0, 0, 0.2, 0.2, 1], [4, 0, 0, 4.2, 0.2, 1]])
    middle, end, off = [1.9, 0, 0, 2.1, 0.2, 1], [3.8, 0, 0, 4.0, 0.2, 1], [1.9, 3, 0, 2.1, 3.2, 1]
    values = relations.between(torch.tensor([middle, end, off]), ends[:1], ends[1:])[:, 0, 0]
    assert values[0] > 0.9
    assert values[1:].max() < 0.2


def test_sides_are_seen_from_where_one_stands():
    at = torch.tensor([[-0.1, 2.9, 0, 0.1, 3.1, 1]])
    east, north = [0.9, 2.9, 0, 1.1, 3.1, 1], [-0.1, 3.9, 0, 0.1, 4.1, 1]
    both = torch.tensor([east, north])
    eye = torch.zeros(3)  # looking north

    def held(side):
        return relations.beside(both, at, eye, side)[:, 0].tolist()

    assert held("right")[0] > 0.5 > held("left")[0]
    assert held("behind")[1] > 0.5 > held("front")[1]
    assert relations.beside(both, at, torch.tensor([0.0, 9, 0]), "left")[0] > 0.5


def test_the_first_of_several_has_one_and_the_last_next_to_nothing():
    found = relations.first_of(torch.tensor([1.0, 3.0, 2.0]))
    assert found[1] == 1
    assert found[0] < 0.05 < found[2] < 0.2


def test_up_is_found_in_a_scene_of_any_orientation():
    frames = _frames()
    turn = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(0)))[0]
    turn = turn * torch.linalg.det(turn)
    poses = frames.poses.clone()
    poses[:, :3] = turn @ poses[:, :3]
    up = relations.upright(replace(frames, poses=poses))[2]
    assert float(up @ turn[:, 2]) > 0.95  # the room's z is up; its cameras look down a little


def test_stray_points_do_not_stretch_a_box():
    points = torch.rand(1000, 3, generator=torch.Generator().manual_seed(0))
    points[:5] += 10
    whole = Instances3D.from_masks(torch.ones(1, 1000, dtype=torch.bool), torch.ones(1))
    box = relations.boxes_of(whole, points, torch.eye(3))[0]
    assert box[:3].max() < 0.1
    assert 0.9 < box[3:].min() <= box[3:].max() < 1.1
