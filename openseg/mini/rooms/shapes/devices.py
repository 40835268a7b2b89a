"""Devices: monitor, laptop, keyboard, mouse, microwave, toaster, speaker, headphones, fan, lamp.

Fronts face +x and bases stand on z = 0. Both proportions `u` and `v` lie in [0, 1].
"""

import numpy as np

from openseg.mini.rooms.shapes.mesh import Mesh, arc, blob, box, lathe, merge, slab, tube
from openseg.mini.rooms.shapes.part import DARK, LIGHT, METAL, Part, Shape

SCREEN = (44, 74, 116)


def _keys(x: float, y: float, rows: int, columns: int, z: float) -> Mesh:
    """Rows of low keys that fill a rectangle of full sides x and y."""
    a, b = x / rows, y / columns
    return merge(
        [
            box(0.76 * a, 0.8 * b, 0.007).moved((i + 0.5) * a - x / 2, (j + 0.5) * b - y / 2, z)
            for i in range(rows)
            for j in range(columns)
        ]
    )


def monitor(u: float, v: float) -> Shape:
    """A screen on a stand; `u` makes it wider, `v` its stand taller."""
    y, z, lift = 0.5 + 0.12 * u, 0.33, 0.1 + 0.05 * v
    frame = merge([box(0.03, y, z), blob(0.07, y * 0.6, z * 0.6, 0.5).moved(-0.02, 0, z / 2)])
    screen = box(0.008, y - 0.06, z - 0.06).moved(0.016, 0, 0.03)
    shine = box(0.004, (y - 0.08) * 0.4, 0.03).moved(0.021, -0.1 * y, z - 0.08)
    stand = merge(
        [
            box(0.03, 0.07, lift + 0.08).moved(-0.035),
            lathe([(0, 0), (0.11, 0), (0.11, 0.012), (0.09, 0.02), (0, 0.02)]),
        ]
    )
    return Shape(
        [
            Part("frame", frame.moved(z=lift)),
            Part("screen", screen.moved(z=lift), SCREEN, 0.97),
            Part("screen", shine.moved(z=lift), LIGHT, 0.9),
            Part("stand", stand, DARK, 0.35),
        ]
    )


def laptop(u: float, v: float) -> Shape:
    """An open laptop; `u` opens it further, `v` makes it wider."""
    x, y = 0.24, 0.33 + 0.05 * v
    body = box(x, y, 0.018)
    keys = _keys(0.11, y - 0.05, 4, 9, 0.018).moved(-0.035)
    pad = box(0.06, 0.09, 0.003).moved(0.075, 0, 0.018)
    lean = -10 - 22 * u
    lid = box(0.012, y, 0.22).turned("y", lean).moved(-x / 2, 0, 0.016)
    screen = box(0.006, y - 0.03, 0.185).moved(0.008, 0, 0.018)
    return Shape(
        [
            Part("body", body),
            Part("keys", keys, DARK, 0.85 if v > 0.5 else 0.6),
            Part("keys", pad, DARK, 0.45),
            Part("lid", lid),
            Part("screen", screen.turned("y", lean).moved(-x / 2, 0, 0.016), SCREEN, 0.97),
        ]
    )


def keyboard(u: float, v: float) -> Shape:
    """A keyboard, rising to the back; `u` makes it wider, `v` deeper."""
    x, y = 0.14 + 0.03 * v, 0.38 + 0.08 * u
    keys = _keys(x - 0.025, y - 0.03, 4, 12, 0.02)
    bar = box(0.02, 0.16, 0.009).moved(x / 2 - 0.022, 0, 0.02)
    return Shape(
        [
            Part("body", box(x, y, 0.02)),
            Part("keys", keys, LIGHT, 0.55),
            Part("keys", bar, LIGHT, 0.55),
        ]
    )


def mouse(u: float, v: float) -> Shape:
    """A mouse with two buttons and a wheel; `u` makes it wider, `v` higher."""
    y, z = 0.066 + 0.01 * u, 0.042 + 0.01 * v
    body = blob(0.115, y, z, 0.75).moved(0, 0, z / 2)
    buttons = [
        blob(0.05, y * 0.4, z * 0.7, 0.7, 9).moved(0.028, j * y * 0.23, z * 0.62) for j in (-1, 1)
    ]
    wheel = blob(0.026, 0.011, 0.026, 0.8, 9).moved(0.032, 0, z * 0.92)
    return Shape(
        [
            Part("body", body),
            Part("buttons", merge(buttons), LIGHT, 0.35),
            Part("wheel", wheel, DARK, 0.6),
        ]
    )


def microwave(u: float, v: float) -> Shape:
    """A microwave oven: a dark door beside a column of buttons; `u` widens it, `v` heightens it."""
    x, y, z = 0.34, 0.46 + 0.06 * u, 0.27 + 0.04 * v
    front = x / 2
    door = box(0.02, y * 0.66, z - 0.06).moved(front + 0.005, -y * 0.13, 0.04)
    pane = box(0.006, y * 0.52, z - 0.13).moved(front + 0.017, -y * 0.14, 0.075)
    side = y * 0.37
    show = box(0.01, 0.09, 0.035).moved(front + 0.004, side, z - 0.06)
    buttons = [
        box(0.014, 0.022, 0.018).moved(front + 0.005, side + 0.03 * j, 0.05 + 0.034 * k)
        for j in (-1, 0, 1)
        for k in range(4)
    ]
    at = y * 0.17
    handle = tube(
        [
            [front + 0.01, at, 0.07],
            [front + 0.04, at, 0.07],
            [front + 0.04, at, z - 0.05],
            [front + 0.01, at, z - 0.05],
        ],
        0.009,
    )
    feet = [
        box(0.03, 0.03, 0.012).moved(i * 0.13, j * (y / 2 - 0.05)) for i in (-1, 1) for j in (-1, 1)
    ]
    return Shape(
        [
            Part("body", merge([box(x, y, z - 0.012).moved(z=0.012), *feet])),
            Part("door", door, DARK, 0.35),
            Part("door", pane, DARK, 0.95),
            Part("buttons", merge(buttons), LIGHT, 0.85),
            Part("buttons", show, (60, 150, 110), 0.95),
            Part("handle", handle, METAL, 0.9),
        ]
    )


def toaster(u: float, v: float) -> Shape:
    """A toaster with two slots; `u` makes it longer, `v` higher."""
    x, y, z = 0.28 + 0.04 * u, 0.17, 0.18 + 0.03 * v
    body = blob(x, y, z, 0.35).moved(0, 0, z / 2 + 0.01)
    slots = [box(x * 0.62, 0.026, 0.006).moved(0, j * 0.036, z + 0.006) for j in (-1, 1)]
    lever = merge(
        [
            box(0.012, 0.016, z * 0.5).moved(x / 2 - 0.002, 0, z * 0.3),
            box(0.035, 0.05, 0.02).moved(x / 2 + 0.012, 0, z * 0.66),
        ]
    )
    foot = box(x * 0.85, y * 0.85, 0.02)
    return Shape(
        [
            Part("body", body),
            Part("body", foot, DARK, 0.85),
            Part("slots", merge(slots), DARK, 0.97),
            Part("lever", lever, DARK, 0.6),
        ]
    )


def speaker(u: float, v: float) -> Shape:
    """A loudspeaker with two cones; `u` makes it wider, `v` higher."""
    x, y, z = 0.2, 0.18 + 0.04 * u, 0.3 + 0.08 * v
    front = x / 2
    radius = y * 0.4

    def cone(r: float) -> Mesh:
        ring = [(0, 0.004), (r * 0.3, 0.016), (r * 0.35, 0.004), (r * 0.85, 0.014), (r, 0.016)]
        return lathe([(r, 0), *ring[::-1]]).turned("y", 90)

    cones = [
        cone(radius).moved(front, 0, z * 0.32),
        cone(radius * 0.55).moved(front, 0, z * 0.76),
    ]
    return Shape([Part("case", box(x, y, z)), Part("cones", merge(cones), DARK, 0.6)])


def headphones(u: float, v: float) -> Shape:
    """Headphones standing on their ear cups; `u` makes them wider, `v` their cups thicker."""
    radius = 0.08 + 0.01 * u
    thick = 0.036 + 0.01 * v
    band = tube(arc(radius, 0, 180, plane="yz") + np.array([0, 0, 0.075]), 0.011, 10)
    pads = [
        lathe(
            [(0, 0), (0.04, 0), (0.045, 0.01), (0.045, thick), (0.034, thick + 0.008), (0, thick)]
        )
        .turned("x", j * 90)
        .moved(0, -j * thick / 2 + j * radius, 0.046)
        for j in (-1, 1)
    ]
    return Shape([Part("band", band), Part("cups", merge(pads), DARK, 0.5)])


def fan(u: float, v: float) -> Shape:
    """A fan behind a wire cage; `u` makes its pole longer, `v` its head larger."""
    radius, pole = 0.17 + 0.03 * v, 0.22 + 0.5 * u
    centre = np.array([0.05, 0.0, pole + radius * 0.8])
    turn = np.linspace(0, 2 * np.pi, 12)
    petal = np.stack([0.42 * np.cos(turn) + 0.5, 0.3 * np.sin(turn)], axis=1) * radius
    blades = [slab(petal, 0.012).turned("x", 90 + 120 * k) for k in range(3)]
    hub = lathe([(0, 0), (0.035, 0), (0.035, 0.05), (0, 0.05)], 14).turned("y", 90).moved(-0.015)
    rings = [
        tube(np.stack([np.full(25, x), r * np.cos(s), r * np.sin(s)], axis=1), 0.006, 5)
        for x, r in ((0.0, radius), (0.05, radius * 0.9), (0.065, radius * 0.5))
        for s in [np.linspace(0, 2 * np.pi, 25)]
    ]
    spokes = [
        tube(
            [
                [0, radius * np.cos(a), radius * np.sin(a)],
                [0.05, 0.9 * radius * np.cos(a), 0.9 * radius * np.sin(a)],
                [0.07, 0, 0],
            ],
            0.004,
            5,
        )
        for a in np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ]
    motor = blob(0.12, 0.1, 0.1, 0.8, 9).moved(-0.06)
    stick = tube([[-0.02, 0, 0.02], [-0.02, 0, centre[2]]], 0.016)
    base = lathe([(0, 0), (0.15, 0), (0.15, 0.015), (0.04, 0.04), (0, 0.04)])
    return Shape(
        [
            Part("blades", merge([*blades, hub]).moved(*centre)),
            Part("cage", merge([*rings, *spokes]).moved(*centre), METAL, 0.85),
            Part("pole", merge([stick, motor.moved(*centre)]), DARK, 0.55),
            Part("base", base, DARK, 0.25),
        ]
    )


def lamp(u: float, v: float) -> Shape:
    """A lamp with a shade; `u` makes its shade a steeper cone, `v` its pole longer."""
    pole = 0.24 + 0.9 * v * v
    wide = 0.15 + 0.05 * v
    top = wide * (0.75 - 0.35 * u)
    high = wide * 1.35
    shade = lathe(
        [(wide - 0.008, 0), (wide, 0), (top, high), (top - 0.008, high), (wide - 0.008, 0)]
    )
    bulb = blob(0.07, 0.07, 0.09, 1.0, 9).moved(z=pole + high * 0.4)
    rod = lathe([(0.012, 0.02), (0.012, pole + high * 0.4)], 10)
    spider = merge(
        [
            tube(
                [[0, 0, pole + high * 0.85], [top * 0.97 * c, top * 0.97 * s, pole + high * 0.94]],
                0.004,
            )
            for c, s in ((1, 0), (-0.5, 0.87), (-0.5, -0.87))
        ]
    )
    base = lathe([(0, 0), (wide * 0.72, 0), (wide * 0.72, 0.018), (0.03, 0.05), (0, 0.05)])
    return Shape(
        [
            Part("shade", shade.moved(z=pole)),
            Part("shade", bulb, LIGHT, 0.97),
            Part("pole", merge([rod, spider]), METAL, 0.9),
            Part("base", base, DARK, 0.25),
        ]
    )
