"""Small things: book, box, bottle, bucket, clock, cup, ball, hat, bowl, potted plant.

Fronts face +x and bases stand on z = 0. Both proportions `u` and `v` lie in [0, 1].
"""

import numpy as np

from openseg.mini.world.mesh import Mesh, arc, box, lathe, merge, superellipsoid, tube
from openseg.mini.world.shapes.part import DARK, LIGHT, METAL, PAPER, Part


def book(u: float, v: float) -> list[Part]:
    """A thick book that lies flat; `u` makes it thicker, `v` squarer."""
    x, y, z = 0.56 + 0.12 * v, 0.82, 0.17 + 0.09 * u
    covers = [box(x, y, 0.03), box(x, y, 0.03).moved(z=z - 0.03)]
    spine = superellipsoid(0.1, y, z, 0.4).moved(-x / 2 + 0.01, 0, z / 2)
    label = box(x * 0.5, y * 0.16, 0.004).moved(0.02, 0.16 * y, z)
    pages = box(x - 0.05, y - 0.05, z - 0.06).moved(z=0.03)
    return [
        Part("cover", merge([*covers, spine])),
        Part("cover", label, LIGHT, 0.6),
        Part("pages", pages, PAPER, 1.0),
    ]


def carton(u: float, v: float) -> list[Part]:
    """An open carton with four flaps; `u` makes it taller, `v` longer."""
    x, y, z = 0.56, 0.6 + 0.24 * v, 0.4 + 0.14 * u
    wall = 0.03
    body = merge(
        [
            box(x, y, wall),
            box(wall, y, z).moved(-x / 2 + wall / 2),
            box(wall, y, z).moved(x / 2 - wall / 2),
            box(x, wall, z).moved(0, -y / 2 + wall / 2),
            box(x, wall, z).moved(0, y / 2 - wall / 2),
        ]
    )
    side = box(0.2, y, 0.02).moved(0.1).turned("y", 22).moved(x / 2 - 0.02, 0, z - 0.01)
    end = box(x, 0.2, 0.02).moved(0, 0.1).turned("x", -22).moved(0, y / 2 - 0.02, z - 0.01)
    flaps = merge([side, side.turned("z", 180), end, end.turned("z", 180)])
    return [Part("body", body), Part("flaps", flaps, LIGHT, 0.22)]


def bottle(u: float, v: float) -> list[Part]:
    """A bottle; `u` makes it rounder at the shoulder, `v` slimmer."""
    r, shoulder = 0.23 - 0.03 * v, 0.5 - 0.1 * u
    body = lathe(
        [
            (0, 0),
            (r - 0.03, 0),
            (r, 0.03),
            (r, shoulder),
            (0.8 * r, shoulder + 0.09),
            (0.075, shoulder + 0.2),
        ]
    )
    neck = lathe([(0.075, shoulder + 0.2), (0.07, 0.84), (0.09, 0.84), (0.09, 0.87), (0, 0.87)])
    cap = lathe([(0, 0), (0.095, 0), (0.095, 0.09), (0.08, 0.1), (0, 0.1)], 18).moved(z=0.87)
    label = lathe([(r + 0.002, 0.14), (r + 0.002, 0.32)])
    return [
        Part("body", body),
        Part("body", label, LIGHT, 0.45),
        Part("neck", neck),
        Part("cap", cap, DARK, 0.55),
    ]


def bucket(u: float, v: float) -> list[Part]:
    """A bucket with a wire handle; `u` makes it taller, `v` more conical."""
    height, foot, top = 0.5 + 0.1 * u, 0.24 - 0.05 * v, 0.33
    body = lathe(
        [(0, 0), (foot, 0), (top, height), (top - 0.025, height), (foot - 0.02, 0.03), (0, 0.03)]
    )
    rim = lathe(
        [
            (top, height - 0.06),
            (top + 0.03, height - 0.06),
            (top + 0.03, height),
            (top - 0.025, height),
            (top - 0.025, height - 0.06),
        ]
    )
    handle = tube(arc(top + 0.02, 0, 180, 20, "yz"), 0.017).turned("y", 35).moved(z=height - 0.03)
    return [
        Part("body", body),
        Part("rim", rim, LIGHT, 0.2),
        Part("handle", handle, METAL, 0.8),
    ]


def clock(u: float, v: float) -> list[Part]:
    """A round clock on two feet with two bells; `u` and `v` set the time."""
    case = lathe([(0, 0), (0.36, 0), (0.4, 0.03), (0.4, 0.2), (0.3, 0.2), (0.3, 0.17), (0, 0.17)])
    dial = lathe([(0.3, 0), (0, 0.001)]).moved(z=0.172)
    hands = [
        box(0.035, length, 0.012).moved(0, length / 2 - 0.03).turned("z", turn).moved(z=0.18)
        for length, turn in ((0.18, 360 * u), (0.26, 360 * v))
    ]
    ticks = [
        box(0.025, 0.05, 0.006).moved(0, 0.255).turned("z", 30 * k).moved(z=0.174)
        for k in range(12)
    ]

    def upright(mesh: Mesh) -> Mesh:
        return mesh.turned("z", 90).turned("y", 90).moved(-0.1, 0, 0.46)

    bells = [
        superellipsoid(0.22, 0.22, 0.16).turned("x", -28 * j).moved(0, j * 0.2, 0.86)
        for j in (-1, 1)
    ]
    feet = [tube([[0, j * 0.26, 0], [0, j * 0.18, 0.2]], 0.04) for j in (-1, 1)]
    return [
        Part("case", merge([upright(case), *bells])),
        Part("dial", upright(dial), LIGHT, 0.8),
        Part("hands", upright(merge([*hands, *ticks])), DARK, 1.0),
        Part("feet", merge(feet), DARK, 0.4),
    ]


def cup(u: float, v: float) -> list[Part]:
    """A cup with a handle; `u` makes it taller, `v` conical."""
    height, foot, top = 0.5 + 0.14 * u, 0.28 - 0.09 * v, 0.3
    body = lathe(
        [
            (0, 0),
            (foot - 0.02, 0),
            (foot, 0.02),
            (top, height),
            (top - 0.035, height),
            (foot - 0.04, 0.05),
            (0, 0.05),
        ]
    )
    lean = np.degrees(np.arctan2(top - foot, height))
    path = arc(0.17, -86, 86, 18) * np.array([1.25, 1, 1])
    handle = (
        tube(path, 0.042).turned("y", lean).moved(0.46 * foot + 0.54 * top - 0.01, 0, 0.54 * height)
    )
    return [Part("body", body), Part("handle", handle, DARK, 0.12)]


def ball(u: float, v: float) -> list[Part]:
    """A ball with a stripe; `u` makes the stripe wider, `v` tilts it."""
    half = np.radians(7 + 6 * u)
    stripe = lathe(
        [(0.505 * np.cos(a), 0.505 * np.sin(a)) for a in np.linspace(-half, half, 4)], 40
    )
    body = superellipsoid(1, 1, 1, steps=24)
    return [
        Part("body", body.moved(z=0.5)),
        Part("stripe", stripe.turned("x", 25 + 60 * v).moved(z=0.5), LIGHT, 0.55),
    ]


def hat(u: float, v: float) -> list[Part]:
    """A hat with a brim and a band; `u` makes its crown taller, `v` its brim wider."""
    height, brim = 0.3 + 0.14 * u, 0.44 + 0.08 * v
    crown = lathe(
        [
            (0.27, 0.03),
            (0.25, height - 0.06),
            (0.2, height),
            (0.08, height - 0.03),
            (0, height - 0.04),
        ]
    )
    rim = lathe([(0, 0), (brim - 0.05, 0), (brim, 0.035), (brim - 0.05, 0.035), (0.25, 0.03)])
    band = lathe([(0.275, 0.03), (0.27, 0.11)])
    return [Part("crown", crown), Part("brim", rim), Part("band", band, DARK, 0.75)]


def bowl(u: float, v: float) -> list[Part]:
    """A bowl; `u` makes it deeper, `v` its wall steeper."""
    depth, bend = 0.3 + 0.12 * u, 0.55 - 0.2 * v
    t = np.linspace(0, 1, 9)
    outer = [(0.16 + 0.3 * x**bend, 0.05 + depth * x) for x in t]
    inner = [(r - 0.03, z + 0.012) for r, z in outer]
    body = lathe([(0, 0.05), *outer, *inner[::-1], (0, inner[0][1])], 36)
    foot = lathe([(0, 0), (0.17, 0), (0.16, 0.06), (0, 0.06)])
    return [Part("body", body), Part("foot", foot, DARK, 0.25)]


def potted_plant(u: float, v: float) -> list[Part]:
    """A plant in a pot; `u` makes its leaves longer, `v` turns and lifts them."""
    pot = lathe(
        [
            (0, 0),
            (0.15, 0),
            (0.21, 0.24),
            (0.24, 0.24),
            (0.24, 0.31),
            (0.2, 0.31),
            (0.19, 0.27),
            (0, 0.27),
        ]
    )
    leaves = []
    for ring, (count, lean, length) in enumerate(((7, 58.0, 0.42), (5, 28.0, 0.46), (1, 0.0, 0.5))):
        reach = length * (0.9 + 0.25 * u)
        leaf = superellipsoid(0.16, 0.05, reach, 1.1, 10).moved(z=reach / 2)
        leaves += [
            leaf.turned("z", 90)
            .turned("y", lean - 10 * v)
            .turned("z", 360 * (k + 0.5 * ring + v) / count)
            .moved(z=0.27)
            for k in range(count)
        ]
    return [Part("leaves", merge(leaves)), Part("pot", pot, METAL, 0.75)]
