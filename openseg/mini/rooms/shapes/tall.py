"""Tall things that stand on the floor: guitar, ladder, broom, fire extinguisher.

Fronts face +x and bases stand on z = 0. Both proportions `u` and `v` lie in [0, 1].
"""

import numpy as np

from openseg.mini.rooms.shapes.mesh import arc, blob, box, lathe, merge, slab, tube
from openseg.mini.rooms.shapes.part import DARK, LIGHT, METAL, PAPER, WOOD, Part, Shape


def guitar(u: float, v: float) -> Shape:
    """An upright guitar; `u` makes its waist slimmer, `v` its neck longer."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    waist = 0.2 + 0.1 * u
    radius = 0.2 * (1 - waist * np.cos(2 * turn + np.pi) ** 3 * 0.55) * (1 - 0.1 * np.sin(turn))
    outline = np.stack([radius * np.cos(turn) * 0.82, radius * np.sin(turn) * 1.16], axis=1)
    low = outline[:, 1].min()
    body = slab(outline, 0.09).moved(-0.045, 0, -low)
    middle = -low
    hole = lathe([(0, 0), (0.045, 0), (0.045, 0.003), (0, 0.003)], 20).turned("y", 90)
    bridge = box(0.012, 0.11, 0.02).moved(0.048, 0, middle - 0.12)
    high = float(outline[:, 1].max()) - low
    neck = 0.36 + 0.08 * v
    grip = box(0.03, 0.048, neck + 0.08).moved(0.045, 0, high - 0.08)
    head = box(0.024, 0.075, 0.14).moved(0.04, 0, high + neck)
    pegs = [
        tube([[0.04, j * 0.03, z], [0.04, j * 0.06, z]], 0.008, 6)
        for j in (-1, 1)
        for z in (high + neck + 0.03, high + neck + 0.07, high + neck + 0.11)
    ]
    strings = [
        box(0.003, 0.003, high + neck - middle + 0.12).moved(0.065, y, middle - 0.12)
        for y in (-0.015, -0.005, 0.005, 0.015)
    ]
    return Shape(
        [
            Part("body", body),
            Part("body", hole.moved(0.045, 0, middle + 0.05), DARK, 0.95),
            Part("body", bridge, DARK, 0.7),
            Part("neck", grip, WOOD, 0.6),
            Part("head", merge([head, *pegs]), DARK, 0.7),
            Part("strings", merge(strings), PAPER, 1.0),
        ]
    )


def ladder(u: float, v: float) -> Shape:
    """A step ladder; `u` makes it higher, `v` wider."""
    z, y, steps = 1.0 + 0.5 * u, 0.4 + 0.1 * v, 4 if u < 0.5 else 5
    foot = 0.28 + 0.1 * u
    rails = [
        tube([[i * foot, j * y / 2, 0], [i * 0.05, j * y * 0.4, z]], 0.018)
        for j in (-1, 1)
        for i in (-1, 1)
    ]
    steps_ = []
    for k in range(1, steps):
        t = k / steps
        x = foot + (0.05 - foot) * t
        width = y * (1 - 0.2 * t)
        steps_.append(box(0.1, width, 0.025).moved(x - 0.01, 0, t * z))
    brace = [tube([[-foot * 0.7, -y * 0.46, z * 0.36], [-foot * 0.7, y * 0.46, z * 0.36]], 0.012)]
    return Shape(
        [
            Part("rails", merge(rails + brace)),
            Part("steps", merge(steps_), DARK, 0.35),
            Part("top", box(0.2, y * 0.9, 0.03).moved(0.02, 0, z), DARK, 0.1),
        ]
    )


def broom(u: float, v: float) -> Shape:
    """A broom upright on its bristles; `u` makes it longer, `v` its head wider."""
    y, z = 0.28 + 0.1 * v, 1.0 + 0.25 * u
    head = box(0.07, y, 0.045).moved(z=0.14)
    strands = [
        slab(
            [[-y / 2 * 1.12, 0], [y / 2 * 1.12, 0], [y / 2 * 0.96, 0.14], [-y / 2 * 0.96, 0.14]],
            0.03,
        ).moved(x)
        for x in (-0.035, 0.005)
    ]
    stick = tube([[0, 0, 0.18], [0, 0, z]], 0.014, 10)
    return Shape(
        [
            Part("stick", merge([stick, head])),
            Part("bristles", merge(strands), (222, 190, 110), 0.6),
        ]
    )


def fire_extinguisher(u: float, v: float) -> Shape:
    """A tank with a valve, a hose and a label; `u` makes it slimmer, `v` taller."""
    r, z = 0.085 - 0.015 * u, 0.38 + 0.08 * v
    tank = lathe(
        [(0, 0), (r * 0.96, 0), (r, 0.015), (r, z * 0.86), (r * 0.8, z * 0.95), (0.03, z), (0, z)]
    )
    valve = merge(
        [
            box(0.04, 0.04, 0.05).moved(z=z),
            box(0.11, 0.028, 0.014).turned("y", -12).moved(0.03, 0, z + 0.055),
            box(0.1, 0.028, 0.014).turned("y", 8).moved(0.03, 0, z + 0.028),
        ]
    )
    path = arc(1.0, 90, 270, 12, plane="yz") * [1, 0.09, z * 0.24] + [0, -0.02, z * 0.78]
    hose = tube(np.concatenate([path, [[0.0, -r - 0.03, z * 0.4]]]), 0.011)
    horn = lathe([(0, 0), (0.026, 0), (0.012, 0.09), (0, 0.09)], 12).moved(0, -r - 0.03, z * 0.24)
    half = np.radians(np.linspace(-55, 55, 12))
    band = np.stack([(r + 0.003) * np.cos(half), (r + 0.003) * np.sin(half)], axis=1)
    label = merge(
        [
            box(0.004, float(np.hypot(*(b - a))) * 1.04, z * 0.3)
            .turned("z", float(np.degrees((s + t) / 2)))
            .moved(float(a[0] + b[0]) / 2, float(a[1] + b[1]) / 2, z * 0.34)
            for a, b, s, t in zip(band[:-1], band[1:], half[:-1], half[1:], strict=True)
        ]
    )
    knob = blob(0.03, 0.03, 0.03, 1.0, 7).moved(-0.01, 0.03, z + 0.025)
    return Shape(
        [
            Part("tank", tank),
            Part("nozzle", merge([valve, knob]), METAL, 0.85),
            Part("hose", merge([hose, horn]), DARK, 0.95),
            Part("label", label, LIGHT, 0.6),
        ]
    )
