"""Colours stay apart for every colour vision, and text on them can be read."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from openseg.io.drawing.palette import ink, mix, shade_of

# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision
# deficiency", 2009: severity 1.0, on linear RGB.
VISION = {
    "common": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def linear(colour):
    part = np.array(colour) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(colour, vision):
    t = XYZ @ np.clip(vision @ linear(colour), 0, 1) / WHITE
    x, y, z = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_seven_hues_are_apart(vision):
    seen = [lab(shade_of(hue, 0), VISION[vision]) for hue in range(7)]
    # 2.3 is a just noticeable difference (Mahy et al. 1994).
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 4 * 2.3


def test_21_colours_differ_before_they_repeat():
    colours = [shade_of(i, 0) for i in range(42)]
    assert len(set(colours[:21])) == 21
    assert colours[21:] == colours[:21]
    assert len({shade_of(3, shade) for shade in range(3)}) == 3


def test_text_can_be_read_on_every_colour():
    for paper in (shade_of(i, 0) for i in range(21)):
        light, dark = sorted((linear(c) @ XYZ[1] for c in (paper, ink(paper))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2, AA


def test_mixing():
    assert mix((0, 100, 255), (255, 0, 255), 0.0) == (0, 100, 255)
    assert mix((0, 100, 255), (255, 0, 255), 1.0) == (255, 0, 255)
    assert mix((0, 100, 200), (100, 0, 200), 0.5) == (50, 50, 200)
