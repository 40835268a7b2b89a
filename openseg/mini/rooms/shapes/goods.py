"""What lies about: book, box, tissue box, hat, ball, backpack, suitcase, crate, toy, dumbbell.

Fronts face +x and bases stand on z = 0. Both proportions `u` and `v` lie in [0, 1].
"""

import numpy as np

from openseg.mini.rooms.shapes.mesh import arc, blob, box, lathe, merge, tube
from openseg.mini.rooms.shapes.part import DARK, LIGHT, METAL, PAPER, Part, Shape


def book(u: float, v: float) -> Shape:
    """A closed book lying flat, its spine at -y; `u` makes it thicker, `v` longer."""
    x, y, z = 0.22 + 0.05 * v, 0.16, 0.026 + 0.025 * u
    boards = [box(x, y, 0.005), box(x, y, 0.005).moved(z=z - 0.005)]
    spine = box(x, 0.007, z).moved(0, -y / 2 + 0.0035)
    label = box(x * 0.45, y * 0.22, 0.002).moved(0.02, 0.005, z)
    pages = box(x - 0.014, y - 0.016, z - 0.01).moved(0, 0.002, 0.005)
    return Shape(
        [
            Part("cover", merge([*boards, spine])),
            Part("cover", label, PAPER, 0.75),
            Part("pages", pages, PAPER, 1.0),
        ]
    )


def carton(u: float, v: float) -> Shape:
    """An open cardboard box with four flaps; `u` makes it longer, `v` higher."""
    x, y, z = 0.3, 0.34 + 0.14 * u, 0.2 + 0.14 * v
    walls = [box(0.008, y, z).moved(i * (x - 0.008) / 2) for i in (-1, 1)]
    walls += [box(x - 0.016, 0.008, z).moved(0, j * (y - 0.008) / 2) for j in (-1, 1)]
    flaps = []
    for i in (-1, 1):
        flap = box(0.006, y - 0.01, 0.13).turned("y", i * 125).moved(i * x / 2, 0, z)
        flaps.append(flap)
    for j in (-1, 1):
        flap = box(x - 0.01, 0.006, 0.13).turned("x", -j * 115).moved(0, j * y / 2, z)
        flaps.append(flap)
    return Shape(
        [
            Part("body", merge([box(x - 0.01, y - 0.01, 0.008), *walls])),
            Part("flaps", merge(flaps), LIGHT, 0.2),
        ]
    )


def tissue_box(u: float, v: float) -> Shape:
    """A closed box with a tissue sticking out; `u` makes it longer, `v` higher."""
    x, y, z = 0.12, 0.2 + 0.04 * u, 0.08 + 0.04 * v
    slot = lathe([(0.04, 0), (0.04, 0.0025), (0, 0.0025)], 16).stretched(0.7, 1.6, 1).moved(z=z)
    leaf = [
        blob(0.012, 0.085, 0.1, 0.7, 9).turned("x", 12).moved(0.006, 0.006, z + 0.03),
        blob(0.05, 0.045, 0.08, 0.8, 9).turned("y", 25).moved(0, -0.02, z + 0.02),
    ]
    return Shape(
        [
            Part("box", box(x, y, z)),
            Part("box", slot, DARK, 0.8),
            Part("tissue", merge(leaf), LIGHT, 1.0),
        ]
    )


def hat(u: float, v: float) -> Shape:
    """A hat with a brim; `u` makes its crown taller, `v` its brim wider."""
    z, brim = 0.1 + 0.06 * u, 0.15 + 0.05 * v
    crown = lathe([(0.085, 0.01), (0.078, z * 0.8), (0.06, z), (0.03, z - 0.008), (0, z - 0.012)])
    edge = lathe([(0, 0), (brim * 0.9, 0), (brim, 0.02), (brim * 0.9, 0.008), (0.07, 0.012)])
    band = lathe([(0.088, 0.012), (0.0865, 0.045), (0.07, 0.045)])
    return Shape(
        [Part("crown", crown), Part("brim", edge, DARK, 0.0), Part("band", band, DARK, 0.6)]
    )


def ball(u: float, v: float) -> Shape:
    """A ball with a stripe around it; `u` tilts the stripe, `v` makes it broader."""
    body = blob(0.3, 0.3, 0.3, 1.0, 17)
    h = 0.024 + 0.02 * v
    a = np.linspace(-h, h, 5)
    stripe = lathe([(float(np.sqrt(0.1518**2 - t * t)), float(t)) for t in a], 32)
    return Shape(
        [
            Part("body", body),
            Part("stripe", stripe.turned("x", 20 + 60 * u), LIGHT, 0.6),
        ]
    )


def backpack(u: float, v: float) -> Shape:
    """A backpack with a front pocket; `u` makes it taller, `v` its pocket larger."""
    z = 0.4 + 0.06 * u
    body = blob(0.2, 0.3, z, 0.45).moved(0, 0, z / 2)
    pocket = blob(0.12, 0.22, z * (0.36 + 0.1 * v), 0.4).moved(0.09, 0, z * 0.27)
    flap = blob(0.1, 0.2, 0.05, 0.5, 9).moved(0.07, 0, z * 0.86)
    loop = tube(arc(0.04, 0, 180, plane="yz") + np.array([-0.05, 0, z - 0.012]), 0.009)
    belts = [
        tube(
            [
                [-0.06, j, z * 0.93],
                [-0.14, j, z * 0.75],
                [-0.15, j * 1.15, z * 0.4],
                [-0.08, j * 1.2, z * 0.08],
            ],
            0.016,
        )
        for j in (-0.08, 0.08)
    ]
    return Shape(
        [
            Part("body", body),
            Part("pocket", pocket, DARK, 0.28),
            Part("straps", merge([*belts, loop, flap]), DARK, 0.65),
        ]
    )


def suitcase(u: float, v: float) -> Shape:
    """An upright suitcase with a pulled-out handle; `u` makes it wider, `v` its handle longer."""
    x, y, z, lift = 0.24, 0.38 + 0.08 * u, 0.55, 0.05
    body = blob(x, y, z, 0.22, 13).moved(0, 0, z / 2 + lift)
    belts = [
        blob(x + 0.012, 0.035, z + 0.012, 0.2, 11).moved(0, j * y * 0.27, z / 2 + lift)
        for j in (-1, 1)
    ]
    pull = 0.06 + 0.14 * v
    high = z + lift + pull
    grip = tube(
        [[-0.05, -0.09, z + lift - 0.03], [-0.05, -0.09, high], [-0.05, 0.09, high],
         [-0.05, 0.09, z + lift - 0.03]],
        0.012,
    )  # fmt: skip
    wheels = [
        blob(0.05, 0.035, 0.06, 0.8, 9).moved(i * 0.08, j * (y / 2 - 0.05), 0.03)
        for i in (-1, 1)
        for j in (-1, 1)
    ]
    return Shape(
        [
            Part("body", body),
            Part("straps", merge(belts), DARK, 0.55),
            Part("handle", grip, METAL, 0.8),
            Part("wheels", merge(wheels), DARK, 0.9),
        ]
    )


def crate(u: float, v: float) -> Shape:
    """An open crate of slats between corner posts; `u` makes it longer, `v` higher."""
    x, y, z = 0.3, 0.38 + 0.12 * u, 0.22 + 0.08 * v
    high = z / 3
    slats = []
    for k in range(3):
        level = k * high + 0.012
        slats += [box(0.014, y, high * 0.72).moved(i * (x / 2 - 0.007), 0, level) for i in (-1, 1)]
        slats += [
            box(x - 0.028, 0.014, high * 0.72).moved(0, j * (y / 2 - 0.007), level) for j in (-1, 1)
        ]
    posts = [
        box(0.03, 0.03, z).moved(i * (x / 2 - 0.029), j * (y / 2 - 0.029))
        for i in (-1, 1)
        for j in (-1, 1)
    ]
    bottom = box(x - 0.03, y - 0.03, 0.012)
    return Shape(
        [
            Part("slats", merge(slats)),
            Part("posts", merge(posts), DARK, 0.35),
            Part("bottom", bottom, DARK, 0.2),
        ]
    )


def stuffed_animal(u: float, v: float) -> Shape:
    """A sitting toy bear or rabbit; `u` makes its head larger, `v` above 0.5 its ears long."""
    body = blob(0.17, 0.18, 0.2).moved(0, 0, 0.11)
    r = 0.15 + 0.03 * u
    centre = 0.2 + r * 0.42
    head = blob(r, r * 1.08, r).moved(0.01, 0, centre)
    snout = blob(0.06, 0.07, 0.05, 1.0, 9).moved(r * 0.5, 0, centre - 0.02)
    eyes = [
        blob(0.018, 0.02, 0.02, 1.0, 7).moved(r * 0.47, j * 0.035, centre + 0.025) for j in (-1, 1)
    ]
    nose = blob(0.02, 0.026, 0.018, 1.0, 7).moved(r * 0.5 + 0.028, 0, centre - 0.01)
    if v > 0.5:
        ears = [
            blob(0.025, 0.042, 0.15, 1.0, 9)
            .turned("x", -j * 12)
            .moved(0, j * 0.045, centre + r * 0.5 + 0.05)
            for j in (-1, 1)
        ]
    else:
        ears = [
            blob(0.03, 0.06, 0.06, 1.0, 9).moved(0, j * r * 0.42, centre + r * 0.42)
            for j in (-1, 1)
        ]
    arms = [
        blob(0.055, 0.055, 0.13, 1.0, 9)
        .turned("x", j * 35)
        .turned("y", -30)
        .moved(0.045, j * 0.095, 0.13)
        for j in (-1, 1)
    ]
    feet = [
        blob(0.14, 0.07, 0.07, 0.9, 9).turned("z", j * 18).moved(0.1, j * 0.065, 0.035)
        for j in (-1, 1)
    ]
    return Shape(
        [
            Part("body", body),
            Part("head", head),
            Part("head", snout, LIGHT, 0.55),
            Part("head", merge([*eyes, nose]), DARK, 0.98),
            Part("ears", merge(ears), DARK, 0.15),
            Part("arms", merge(arms), DARK, 0.15),
            Part("legs", merge(feet), DARK, 0.15),
        ]
    )


def dumbbell(u: float, v: float) -> Shape:
    """A dumbbell lying along y; `u` makes its weights larger, `v` its bar longer."""
    r, half = 0.065 + 0.02 * u, 0.1 + 0.03 * v
    disc = lathe(
        [(0, 0), (r - 0.008, 0), (r, 0.008), (r, 0.05), (r - 0.008, 0.058), (0, 0.058)], 20
    )
    small = lathe([(0, 0), (r * 0.7, 0), (r * 0.7, 0.028), (0, 0.028)], 20)
    weights = []
    for j in (-1, 1):
        weights += [
            disc.turned("x", -90 * j).moved(0, j * (half - 0.03), r),
            small.turned("x", -90 * j).moved(0, j * (half + 0.026), r),
        ]
    bar = tube([[0, -half - 0.075, r], [0, half + 0.075, r]], 0.016, 12)
    return Shape([Part("weights", merge(weights)), Part("bar", bar, METAL, 0.6)])
