"""What hangs on or sits in a wall: picture, mirror, whiteboard, clock, calendar, sign and others.

Backs lie on x = 0, fronts face +x. Both proportions `u` and `v` lie in [0, 1].
"""

import numpy as np

from openseg.mini.rooms.shapes.mesh import Floats, Mesh, blob, box, lathe, merge, slab, tube
from openseg.mini.rooms.shapes.part import DARK, GLASS, GREEN, LIGHT, METAL, PAPER, Part, Shape

SKY = (150, 196, 232)


def _frame(y: float, z: float, width: float, depth: float) -> Mesh:
    """A rectangular frame of full outer sides y and z, its lower edge on z = 0."""
    bars = [box(depth, width, z).moved(depth / 2, j * (y - width) / 2) for j in (-1, 1)]
    bars += [box(depth, y - 2 * width, width).moved(depth / 2, 0, k) for k in (0.0, z - width)]
    return merge(bars)


def _disc(radius: float, thickness: float) -> Mesh:
    """A flat cylinder on the wall, its axis along x through the origin."""
    profile = [(0, 0), (radius, 0), (radius, thickness), (0, thickness)]
    return lathe(profile, 28).turned("y", 90)


def picture(u: float, v: float) -> Shape:
    """A framed landscape; `u` makes it wider, `v` raises its hills."""
    y, z, bar = 0.42 + 0.3 * u, 0.42, 0.035
    inner, high = y - 2 * bar, z - 2 * bar
    canvas = box(0.014, inner, high).moved(0.007, 0, bar)
    line = np.linspace(-inner / 2, inner / 2, 9)
    hill = 0.3 + 0.2 * v + 0.12 * np.sin(3 + 7 * line / inner) * (1 - v) + 0.05 * np.cos(19 * line)
    ground = [[inner / 2, 0.0], *zip(line[::-1], high * hill[::-1], strict=True), [-inner / 2, 0.0]]
    land = slab(ground, 0.003).moved(0.014, 0, bar)
    sun = _disc(0.035, 0.003).moved(0.014, inner * (0.3 - 0.5 * v), bar + high * 0.78)
    return Shape(
        [
            Part("frame", _frame(y, z, bar, 0.026)),
            Part("canvas", canvas, SKY, 1.0),
            Part("canvas", land, GREEN, 0.9),
            Part("canvas", sun, (250, 214, 90), 1.0),
        ]
    )


def _oval(y: float, z: float, shrink: float = 0.0) -> Floats:
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    return np.stack(
        [(y / 2 - shrink) * np.cos(turn), z / 2 + (z / 2 - shrink) * np.sin(turn)], axis=1
    )


def mirror(u: float, v: float) -> Shape:
    """A tall oval mirror; `u` makes it wider, `v` its frame broader."""
    y, z, bar = 0.42 + 0.14 * u, 0.8, 0.03 + 0.02 * v
    frame = slab(_oval(y, z), 0.022)
    glass = slab(_oval(y, z, bar), 0.005).moved(0.022)
    turn = np.radians(35)
    gleam = merge(
        [
            box(0.002, 0.03 - 0.012 * k, 0.3)
            .turned("x", 35)
            .moved(0.0285, 0.06 - 0.05 * k - 0.1 * np.sin(turn), z * 0.36 + 0.05 * k)
            for k in range(2)
        ]
    )
    return Shape(
        [
            Part("frame", frame),
            Part("glass", glass, GLASS, 1.0),
            Part("glass", gleam, LIGHT, 0.95),
        ]
    )


def whiteboard(u: float, v: float) -> Shape:
    """A board with writing and a pen tray; `u` makes it wider, `v` higher."""
    y, z, bar = 1.1 + 0.5 * u, 0.75 + 0.15 * v, 0.03
    board = box(0.014, y - 2 * bar, z - 2 * bar).moved(0.007, 0, bar)
    lines = [
        box(0.003, w, 0.012).moved(0.0155, -y * 0.32 + w / 2, z * h)
        for w, h in ((0.3, 0.8), (0.42, 0.7), (0.24, 0.6))
    ]
    chart = [
        box(0.003, 0.05, 0.08 + 0.07 * k).moved(0.0155, y * 0.18 + 0.08 * k, z * 0.25)
        for k in range(3)
    ]
    tray = box(0.08, y * 0.6, 0.018).moved(0.06, 0, 0)
    pens = [tube([[0.07, j, 0.026], [0.07, j + 0.1, 0.026]], 0.009, 6) for j in (-0.2, 0.05)]
    return Shape(
        [
            Part("frame", _frame(y, z, bar, 0.024)),
            Part("board", board, LIGHT, 1.0),
            Part("board", merge(lines), (40, 60, 150), 1.0),
            Part("board", merge(chart), (190, 60, 60), 1.0),
            Part("tray", merge([tray, *pens]), DARK, 0.5),
        ]
    )


def clock(u: float, v: float) -> Shape:
    """A round wall clock; `u` and `v` say what time it shows."""
    radius = 0.16
    case = lathe([(0, 0), (radius, 0), (radius, 0.035), (radius - 0.02, 0.042), (0, 0.03)], 32)
    dial = _disc(radius - 0.024, 0.005).moved(0.036)
    marks = [
        box(0.003, 0.01 if k % 3 else 0.016, 0.026)
        .moved(0, 0, radius - 0.058)
        .turned("x", 30 * k)
        .moved(0.0425)
        for k in range(12)
    ]
    hands = [
        box(0.004, 0.016, radius * 0.48).turned("x", 360 * u).moved(0.046),
        box(0.004, 0.011, radius * 0.7).turned("x", 360 * v).moved(0.05),
        _disc(0.014, 0.01).moved(0.046),
    ]
    parts = [
        Part("case", case.turned("y", 90)),
        Part("dial", dial, LIGHT, 1.0),
        Part("dial", merge(marks), DARK, 1.0),
        Part("hands", merge(hands), DARK, 1.0),
    ]
    return Shape(parts)


def light_switch(u: float, v: float) -> Shape:
    """A switch in a square plate; `u` above 0.5 gives it two rockers, `v` tilts them."""
    y = 0.1 if u < 0.5 else 0.15
    plate = blob(0.014, y, 0.1, 0.2, 9).moved(0.005, 0, 0.05)
    tilt = 6 if v > 0.5 else -6
    spots = (0.0,) if u < 0.5 else (-0.033, 0.033)
    rockers = [
        box(0.012, 0.05, 0.066).moved(0, 0, -0.033).turned("y", tilt).moved(0.013, s, 0.05)
        for s in spots
    ]
    return Shape([Part("plate", plate), Part("rocker", merge(rockers), LIGHT, 0.55)])


def sign(u: float, v: float) -> Shape:
    """A sign with a symbol; `u` makes it a diamond, triangle or disc, `v` picks an arrow or bar."""
    size = 0.32
    corners = 4 if u < 0.34 else 3 if u < 0.67 else 32
    start = np.pi / 2
    turn = start + np.linspace(0, 2 * np.pi, corners, endpoint=False)
    edge = size / 2 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    board = slab(edge, 0.014)
    rim = slab(edge * 0.82, 0.003).moved(0.014)
    if v < 0.5:
        marks = [
            box(0.003, 0.03, 0.09).moved(0.017, 0, -0.02),
            _disc(0.018, 0.003).moved(0.0175, 0, -0.05),
        ]
    else:
        arrow = [[-0.055, -0.015], [0.01, -0.015], [0.01, -0.04], [0.065, 0.0], [0.01, 0.04],
                 [0.01, 0.015], [-0.055, 0.015]]  # fmt: skip
        marks = [slab(arrow, 0.003).moved(0.0175)]
    return Shape(
        [
            Part("board", board),
            Part("symbol", rim, PAPER, 1.0),
            Part("symbol", merge(marks), DARK, 1.0),
        ]
    )


def calendar(u: float, v: float) -> Shape:
    """A wall calendar; `u` makes its header taller, `v` marks one of its days."""
    y, z = 0.3, 0.42
    head = 0.09 + 0.06 * u
    header = box(0.012, y, head).moved(0.006, 0, z - head)
    rings = [box(0.016, 0.012, 0.03).moved(0.008, 0.022 * k, z - 0.012) for k in range(-5, 6, 2)]
    sheet = box(0.01, y, z - head).moved(0.005)
    high = (z - head - 0.04) / 5
    wide = (y - 0.04) / 7
    days = [(k % 7, k // 7) for k in range(33)]
    marked = int(v * 32)
    cells = [
        box(0.003, wide * 0.72, high * 0.66).moved(
            0.0115, (i - 3) * wide, z - head - 0.02 - (k + 0.9) * high
        )
        for i, k in days
    ]
    return Shape(
        [
            Part("sheet", sheet, LIGHT, 1.0),
            Part("header", header),
            Part("header", merge(rings), METAL, 0.9),
            Part("grid", merge(cells[:marked] + cells[marked + 1 :]), (150, 152, 160), 1.0),
            Part("grid", cells[marked], (214, 60, 50), 1.0),
        ]
    )


def radiator(u: float, v: float) -> Shape:
    """A ribbed radiator on the wall; `u` makes it wider, `v` higher."""
    n, z = int(9 + 6 * u), 0.48 + 0.12 * v
    ribs = [
        blob(0.11, 0.062, z, 0.3, 7).moved(0.09, 0.075 * (k - (n - 1) / 2), z / 2 + 0.12)
        for k in range(n)
    ]
    half = 0.075 * (n - 1) / 2
    rails = [tube([[0.09, -half, h], [0.09, half, h]], 0.02) for h in (0.17, z + 0.06)]
    mounts = [box(0.06, 0.03, 0.04).moved(0.03, j * half * 0.7, z * 0.8) for j in (-1, 1)]
    pipe = tube([[0.09, half, 0.17], [0.09, half + 0.09, 0.17], [0.09, half + 0.09, 0.0]], 0.014)
    knob = lathe([(0, 0), (0.028, 0), (0.024, 0.06), (0, 0.06)], 14)
    return Shape(
        [
            Part("ribs", merge([*ribs, *rails, *mounts])),
            Part("pipe", pipe, METAL, 0.85),
            Part("knob", knob.moved(0.09, half + 0.09, 0.17), DARK, 0.6),
        ]
    )


def door(u: float, v: float) -> Shape:
    """A door in its frame; `u` makes it wider, `v` hangs it left or right."""
    y, z, bar = 0.86 + 0.1 * u, 2.05, 0.08
    side = 1 if v > 0.5 else -1
    frame = merge(
        [box(0.06, bar, z).moved(0.03, j * (y - bar) / 2) for j in (-1, 1)]
        + [box(0.06, y - 2 * bar, bar).moved(0.03, 0, z - bar)]
    )
    inner, high = y - 2 * bar, z - bar
    panel = box(0.03, inner, high).moved(0.015)
    fields = [
        box(0.012, inner * 0.68, h).moved(0.035, 0, low) for low, h in ((0.18, 0.66), (1.02, 0.76))
    ]
    at = side * (inner / 2 - 0.08)
    handle = merge(
        [
            box(0.012, 0.05, 0.2).moved(0.036, at, 0.92),
            tube([[0.04, at, 1.04], [0.085, at, 1.04], [0.085, at - side * 0.13, 1.04]], 0.012),
        ]
    )
    return Shape(
        [
            Part("panel", panel),
            Part("panel", merge(fields), DARK, 0.12),
            Part("frame", frame, LIGHT, 0.5),
            Part("handle", handle, METAL, 0.95),
        ]
    )


def window(u: float, v: float) -> Shape:
    """A window with a cross and a sill; `u` makes it wider, `v` higher."""
    y, z, bar = 0.9 + 0.4 * u, 0.95 + 0.3 * v, 0.06
    bars = [
        _frame(y, z, bar, 0.06),
        box(0.05, 0.04, z - 2 * bar).moved(0.025, 0, bar),
        box(0.05, y - 2 * bar, 0.04).moved(0.0249, 0, z * 0.55),
    ]
    pane = box(0.02, y - 2 * bar, z - 2 * bar).moved(0.01, 0, bar)
    land = box(0.002, y - 2 * bar, z * 0.24).moved(0.0215, 0, bar)
    sill = box(0.14, y + 0.12, 0.04).moved(0.07, 0, -0.04)
    return Shape(
        [
            Part("frame", merge(bars)),
            Part("glass", pane, SKY, 1.0),
            Part("glass", land, (140, 176, 126), 1.0),
            Part("sill", sill, LIGHT, 0.45),
        ]
    )
