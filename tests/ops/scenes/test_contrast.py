"""Features of Gaussians fitted to masks: alike inside a mask, unlike across masks of a view."""

from __future__ import annotations

import math

import pytest
import torch

from openseg.ops.scenes import contrast
from openseg.ops.scenes.contrast import MaskedView, Schedule
from openseg.ops.scenes.splatting import Weights
from openseg.types import ViewMasks

SCHEDULE = Schedule(channels=4, steps=60, views=2, learning_rate=0.1, seed=0)


def each_pixel_one(gaussians, count):
    """A view in which every pixel shows one Gaussian."""
    rows = torch.arange(len(gaussians))
    return Weights(rows, torch.tensor(gaussians), torch.ones(len(gaussians)), (len(rows), count))


def two_views():
    """Gaussians 0 to 2 and 3 to 5 are two things; the masks have other orders in each view."""
    first = torch.tensor([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=torch.bool)
    second = torch.tensor([[0, 1], [0, 1], [1, 0], [1, 0]], dtype=torch.bool)
    return [
        MaskedView(each_pixel_one([0, 1, 3, 4], 7), first),
        MaskedView(each_pixel_one([1, 2, 4, 5], 7), second),
    ]


def test_the_loss_is_that_of_its_words():
    drawn = torch.tensor([[1.0, 0], [1, 1], [0, 2], [-1, 0]], dtype=torch.float64)
    inside = torch.tensor([[1, 0], [1, 1], [0, 1], [0, 1]], dtype=torch.bool)
    half = math.sqrt(0.5)
    same = [0, 0, 0, 0, 1 - half, 1 - half, 1 - half, 1 - half, 1 + half, 1 + half, 1, 1]
    apart = [0, 0, 0, 0]  # the first shares no mask with the last two, and is not like them
    expected = sum(same) / 12 + sum(apart) / 4
    assert float(contrast.loss(drawn, inside)) == pytest.approx(expected)
    turned = torch.tensor([[1.0, 0], [1, 1], [2, 0], [-1, 0]], dtype=torch.float64)
    assert float(contrast.loss(turned, inside)) > expected


def test_gradients_of_the_loss_through_a_view_are_right():
    view = two_views()[0]
    weights = Weights(view.view.rows, view.view.columns, torch.rand(4).double(), (4, 7))
    start = torch.rand(7, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda f: contrast.loss(weights.render(f), view.inside), start)


def test_things_are_told_apart_across_views():
    features, known = contrast.fit(two_views(), 7, SCHEDULE)
    alike = features @ features.T
    things = torch.tensor([0, 0, 0, 1, 1, 1])
    same = things[:, None] == things
    assert alike[:6, :6][same].min() > 0.95
    assert alike[:6, :6][~same].max() < 0.2
    assert known.tolist() == [True] * 6 + [False]


def test_the_same_seed_gives_the_same_features():
    one, other = (contrast.fit(two_views(), 7, SCHEDULE)[0] for _ in range(2))
    assert torch.equal(one, other)
    third, _ = contrast.fit(two_views(), 7, SCHEDULE._replace(seed=1))
    assert not torch.equal(one, third)


def test_smoothing_asks_known_neighbours_within_reach(monkeypatch):
    monkeypatch.setattr(contrast, "BLOCK", 2)
    places = torch.tensor([[0.0, 0, 0], [0.1, 0, 0], [0.2, 0, 0], [5.0, 0, 0]])
    features = torch.tensor([[1.0, 0], [0, 1], [0, -1], [1, 0]])
    known = torch.tensor([True, True, False, False])
    found, told = contrast.smoothed(places, features, known, 2, 0.15)
    half = math.sqrt(0.5)
    assert torch.allclose(found[:3], torch.tensor([[half, half], [half, half], [0, 1]]))
    assert told.tolist() == [True, True, True, False]


def test_small_masks_are_drawn_too():
    masks = torch.zeros(3, 40, 50, dtype=torch.bool)
    masks[0, :, :40] = True
    masks[1, 3:6, 4:7] = True  # nine pixels inside the first
    masks[2, 30:32, 45:47] = True
    random = torch.Generator().manual_seed(0)
    pixels = contrast.drawn_pixels(masks, 60, random)
    inside = masks.flatten(1)[:, pixels]
    assert len(pixels) == 60
    assert inside.any(dim=0).all()
    assert inside[1].sum() >= 6
    assert inside[2].sum() >= 3
    assert len(contrast.drawn_pixels(masks, 10**6, random)) == 40 * 40 + 4
    assert not len(contrast.drawn_pixels(masks[:, :1, 40:], 5, random))


def test_masks_at_another_size_cover_the_same_places():
    mask = torch.zeros(1, 30, 60, dtype=torch.bool)
    mask[0, 10:20, 30:60] = True
    packed = ViewMasks.joined([ViewMasks.from_masks(mask[:, :0]), ViewMasks.from_masks(mask)])
    small = contrast.at_size(packed, range(1, 2), (30, 60), (6, 12))
    expected = torch.zeros(1, 6, 12, dtype=torch.bool)
    expected[0, 2:4, 6:] = True
    assert torch.equal(small, expected)
