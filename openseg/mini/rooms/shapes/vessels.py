"""Vessels: cup, bottle, bowl, plate, pitcher, tray, bucket, basket, trash can, candle, plant.

Fronts face +x and bases stand on z = 0. Both proportions `u` and `v` lie in [0, 1].
"""

import numpy as np

from openseg.mini.rooms.shapes.mesh import arc, blob, box, lathe, merge, tube
from openseg.mini.rooms.shapes.part import DARK, GREEN, LIGHT, METAL, WOOD, Part, Shape, Top


def cup(u: float, v: float) -> Shape:
    """A cup with a handle at one side; `u` makes it taller, `v` wider at the rim."""
    z, low, rim = 0.085 + 0.03 * u, 0.034, 0.038 + 0.012 * v
    body = lathe([(0, 0), (low, 0), (rim, z), (rim - 0.004, z), (low - 0.004, 0.008), (0, 0.008)])
    ring = arc(z * 0.3, -80, 80) * np.array([1.0, 1.0, 1.15]) + [0.0, 0, z * 0.52]
    handle = tube(ring + np.array([(low + rim) / 2 - 0.004, 0, 0]), 0.0065).turned("z", 90)
    return Shape([Part("body", body), Part("handle", handle, DARK, 0.0)])


def bottle(u: float, v: float) -> Shape:
    """A bottle; `u` makes it slimmer, `v` its neck longer."""
    r, z, neck = 0.042 - 0.01 * u, 0.15, 0.05 + 0.05 * v
    body = lathe(
        [(0, 0), (r * 0.9, 0), (r, 0.01), (r, z), (r * 0.8, z + 0.022), (0.015, z + 0.045)]
    )
    tall = z + 0.045
    throat = lathe([(0.015, tall), (0.014, tall + neck), (0, tall + neck)], 14)
    cap = lathe([(0, 0), (0.017, 0), (0.017, 0.022), (0, 0.022)], 14).moved(z=tall + neck)
    return Shape(
        [
            Part("body", body),
            Part("neck", throat, LIGHT, 0.25),
            Part("cap", cap, DARK, 0.55),
        ]
    )


def bowl(u: float, v: float) -> Shape:
    """A bowl on a foot ring; `u` makes it deeper, `v` wider at the rim."""
    z, rim = 0.06 + 0.04 * u, 0.1 + 0.02 * v
    steps = np.linspace(0.0, 1.0, 7)
    outer = [(0.045 + (rim - 0.045) * t**0.6, 0.012 + (z - 0.012) * t**1.3) for t in steps]
    inner = [(max(r - 0.006, 0), h + 0.004) for r, h in outer[::-1]]
    body = lathe([(0, 0.012), *outer, *inner, (0, 0.018)])
    foot = lathe([(0, 0), (0.05, 0), (0.046, 0.014), (0, 0.014)])
    return Shape([Part("body", body), Part("foot", foot, DARK, 0.5)])


def plate(u: float, v: float) -> Shape:
    """A flat plate with a raised rim; `u` makes the rim broader, `v` higher."""
    flat, z = 0.085 - 0.02 * u, 0.016 + 0.01 * v
    under = [(0, 0), (flat * 0.9, 0), (flat, 0.002), (0.125, z)]
    rim = lathe([*under, (0.124, z + 0.005), (flat, 0.008)])
    middle = lathe([(flat, 0.008), (0, 0.008)])
    return Shape([Part("rim", rim), Part("middle", middle, LIGHT, 0.5)])


def water_pitcher(u: float, v: float) -> Shape:
    """A jug with a big handle and a spout; `u` makes it taller, `v` rounder."""
    z, belly, rim = 0.2 + 0.05 * u, 0.062 + 0.014 * v, 0.046
    body = lathe(
        [
            (0, 0), (0.05, 0), (belly, z * 0.3), (belly * 0.95, z * 0.5), (rim - 0.004, z * 0.85),
            (rim, z), (rim - 0.005, z), (rim - 0.009, z * 0.85), (0.04, 0.015), (0, 0.015),
        ]
    )  # fmt: skip
    ring = arc(z * 0.27, -80, 80) * np.array([1.05, 1.0, 1.25]) + [belly * 0.62, 0, z * 0.6]
    handle = tube(ring, 0.009).turned("z", 180)
    spout = blob(0.085, 0.04, 0.032, 0.9, 9).turned("y", -38).moved(rim + 0.006, 0, z - 0.014)
    return Shape(
        [Part("body", body), Part("handle", handle, DARK, 0.0), Part("spout", spout, LIGHT, 0.2)]
    )


def tray(u: float, v: float) -> Shape:
    """A rectangular tray with two handles; `u` makes it longer, `v` its rim higher."""
    x, y, z = 0.28, 0.38 + 0.08 * u, 0.03 + 0.02 * v
    rim = [box(0.014, y, z).moved(i * (x - 0.014) / 2) for i in (-1, 1)]
    rim += [box(x - 0.028, 0.014, z).moved(0, j * (y - 0.014) / 2) for j in (-1, 1)]
    grips = [
        tube(arc(0.06, 0, 180) * [1, 1, 0.55] + [0, j * (y / 2 - 0.007), z - 0.004], 0.008)
        for j in (-1, 1)
    ]
    return Shape(
        [
            Part("base", box(x - 0.02, y - 0.02, 0.01), LIGHT, 0.0),
            Part("rim", merge(rim), DARK, 0.3),
            Part("handles", merge(grips), METAL, 0.6),
        ],
        (Top("top", 0, 0, 0.01, x - 0.04, y - 0.04),),
    )


def bucket(u: float, v: float) -> Shape:
    """A bucket with an upright bow; `u` makes it wider at the rim, `v` taller."""
    low, rim, z = 0.1, 0.13 + 0.02 * u, 0.2 + 0.06 * v
    body = lathe([(0, 0), (low, 0), (rim, z), (rim - 0.006, z), (low - 0.006, 0.01), (0, 0.01)])
    edge = lathe(
        [(rim - 0.008, -0.01), (rim + 0.009, -0.01), (rim + 0.009, 0.014), (rim - 0.008, 0.014),
         (rim - 0.008, -0.01)]
    )  # fmt: skip
    bow = tube(arc(rim, 0, 180, plane="yz") * [1, 1, 0.85] + [0, 0, z], 0.007)
    return Shape(
        [
            Part("body", body),
            Part("rim", edge.moved(z=z), LIGHT, 0.4),
            Part("handle", bow, METAL, 0.55),
        ]
    )


def basket(u: float, v: float) -> Shape:
    """An oval wicker basket with a fixed broad handle; `u` makes it longer, `v` taller."""
    z, long = 0.15 + 0.05 * v, 1.2 + 0.25 * u
    rows = np.linspace(0, z, 8)
    ribs = []
    for k, h in enumerate(rows[:-1]):
        r, n = 0.12 + 0.035 * h / z, 0.004 * (k % 2)
        ribs += [(r + n, h), (r + n + 0.006, h + 0.5 * z / 7)]
    body = lathe([(0, 0), *ribs, (0.15, z), (0.14, z), (0.11, 0.015), (0, 0.015)])
    edge = lathe([(0.138, 0), (0.158, 0), (0.158, 0.018), (0.138, 0.018), (0.138, 0)])
    bow = arc(0.148, 0, 180) * [1, 1, 0.95]
    handle = merge([tube(bow + np.array([0, j, z]), 0.008) for j in (-0.016, 0, 0.016)])
    return Shape(
        [
            Part("body", body.stretched(1, long, 1)),
            Part("rim", edge.moved(z=z).stretched(1, long, 1), DARK, 0.3),
            Part("handle", handle, DARK, 0.15),
        ]
    )


def trash_can(u: float, v: float) -> Shape:
    """A bin with a domed lid and a pedal; `u` makes it slimmer, `v` its lid higher."""
    r, z = 0.14 - 0.03 * u, 0.36
    body = lathe([(0, 0), (r * 0.92, 0), (r * 0.92, 0.02), (r, 0.03), (r, z), (0, z)])
    dome = 0.05 + 0.04 * v
    steps = np.linspace(0, np.pi / 2, 6)
    lid = lathe(
        [(0, z), (r + 0.008, z), (r + 0.008, z + 0.02)]
        + [(r * float(np.cos(a)), z + 0.02 + dome * float(np.sin(a))) for a in steps]
    )
    pedal = box(0.07, 0.09, 0.016).moved(r + 0.015, 0, 0.012)
    return Shape(
        [
            Part("body", body),
            Part("lid", lid, DARK, 0.45),
            Part("pedal", pedal, DARK, 0.85),
        ]
    )


def candle(u: float, v: float) -> Shape:
    """A candle in a dish; `u` makes it taller, `v` thicker."""
    r, z = 0.022 + 0.012 * v, 0.11 + 0.07 * u
    wax = lathe([(0, 0.01), (r, 0.01), (r, z), (r * 0.8, z + 0.004), (0, z)], 18)
    wick = tube([[0, 0, z], [0, 0, z + 0.014]], 0.003, 6)
    flame = blob(0.015, 0.015, 0.03, 1.0, 7).moved(z=z + 0.026)
    dish = lathe(
        [
            (0, 0),
            (r + 0.018, 0),
            (r + 0.03, 0.016),
            (r + 0.026, 0.017),
            (r + 0.01, 0.008),
            (0, 0.008),
        ]
    )
    loop = tube(arc(0.014, -110, 110) + np.array([r + 0.036, 0, 0.016]), 0.004, 6)
    return Shape(
        [
            Part("wax", wax),
            Part("wick", wick, DARK, 0.95),
            Part("wick", flame, (255, 190, 60), 1.0),
            Part("holder", merge([dish, loop]), METAL, 0.55),
        ]
    )


def potted_plant(u: float, v: float) -> Shape:
    """Leaves on a stem in a pot; `u` makes it taller, `v` its leaves broader."""
    pot = lathe(
        [
            (0, 0),
            (0.07, 0),
            (0.095, 0.13),
            (0.105, 0.13),
            (0.105, 0.16),
            (0.092, 0.16),
            (0.088, 0.14),
            (0, 0.14),
        ]
    )
    rise = 0.12 + 0.3 * u
    stem = tube([[0, 0, 0.13], [0.01, 0.004, 0.14 + rise * 0.5], [0, 0, 0.14 + rise]], 0.01, 7)
    leaves = []
    for k in range(13):
        lift, turn = (k % 4) / 3, 137.5 * k
        long = 0.2 - 0.05 * lift
        leaf = blob(long, 0.06 + 0.04 * v, 0.012, 0.9, 7).moved(long / 2 + 0.004)
        tilt = -20 - 55 * lift
        leaves.append(
            leaf.turned("y", tilt).turned("z", turn).moved(z=0.13 + rise * (0.45 + 0.55 * lift))
        )
    return Shape(
        [
            Part("pot", pot),
            Part("stem", stem, WOOD, 0.95),
            Part("leaves", merge(leaves), GREEN, 1.0),
        ]
    )
