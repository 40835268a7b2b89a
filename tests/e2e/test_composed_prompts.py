"""Words, clicks, masks and pictures together, in any combination."""

from __future__ import annotations

import numpy as np
import pytest

import openseg
from openseg.io.images import read_image

LEFT, RIGHT = (120, 120), (360, 120)
COARSE = ("propose.points_per_side=8",)


@pytest.fixture(scope="module")
def twins(room):
    """The purple ball of the sample image twice, side by side, in 240x480 pixels."""
    pixels = read_image(room).pixels.permute(1, 2, 0).numpy()
    ball = pixels[156:396, 356:596]
    return np.concatenate([ball, ball], axis=1)


@pytest.fixture(scope="module")
def method():
    return openseg.load("seem_prompts", settings=COARSE)


@pytest.mark.parametrize(("pointed", "other"), [(LEFT, RIGHT), (RIGHT, LEFT)])
def test_of_two_equal_things_the_one_pointed_at_is_meant(method, twins, pointed, other):
    result = method(twins, text="purple ball", points=[pointed])
    [mask] = result.masks
    assert mask[pointed[1], pointed[0]]
    assert not mask[other[1], other[0]]
    assert result.phrases == ["purple ball"]


def disc(image, centre):
    """A mask around a point."""
    y, x = np.ogrid[: image.shape[0], : image.shape[1]]
    return (x - centre[0]) ** 2 + (y - centre[1]) ** 2 < 52**2


@pytest.mark.parametrize(
    ("kinds", "phrase"),
    [
        ("text", "purple ball"),
        ("boxes", ""),
        ("scribbles", ""),
        ("mask", ""),
        ("support", "support"),
        ("text support", "purple ball"),
        ("mask negative_points", ""),
        ("text points boxes scribbles negative_points mask support", "purple ball"),
    ],
)
def test_any_of_the_prompts_is_a_query(method, twins, kinds, phrase):
    prompts = {
        "text": "purple ball",
        "points": [LEFT],
        "boxes": [[66, 66, 174, 174]],
        "scribbles": [[[100, 100], [120, 120], [140, 130]]],
        "negative_points": [[230, 20]],
        "mask": disc(twins, LEFT),
        "support": [(twins, disc(twins, RIGHT))],
    }
    result = method(twins, **{kind: prompts[kind] for kind in kinds.split()})
    assert result.phrases == [phrase]
    assert result.masks.any()


def test_all_like_the_thing_pointed_at_hold_that_thing_first(twins):
    mask = disc(twins, LEFT)
    result = openseg.load("x_sam_vgd", settings=COARSE)(twins, mask=mask)
    assert np.array_equal(result.masks[0].numpy(), mask)  # a mask alone is taken as it is
    assert result.scores[0] == pytest.approx(1)
    assert (result.scores[1:] < 1).all()
