"""What one sits and lies on: chair, office chair, armchair, couch, stool, bench, bed, pillow.

Fronts face +x and bases stand on z = 0. Both proportions `u` and `v` lie in [0, 1].
"""

import numpy as np

from openseg.mini.rooms.shapes.mesh import Mesh, blob, box, lathe, merge, tube
from openseg.mini.rooms.shapes.part import DARK, LIGHT, METAL, Part, Shape, Top


def legs(x: float, y: float, height: float, thick: float, splay: float = 0.0) -> Mesh:
    """Four round legs whose upper ends are at (+-x, +-y, height)."""
    return merge(
        [
            tube([[i * (x + splay), j * (y + splay), 0], [i * x, j * y, height]], thick)
            for i in (-1, 1)
            for j in (-1, 1)
        ]
    )


def chair(u: float, v: float) -> Shape:
    """A chair; `u` makes its back taller, `v` gives the back slats."""
    height = 0.36 + 0.14 * u
    seat = blob(0.44, 0.44, 0.07, 0.35).moved(z=0.46)
    if v > 0.5:
        rail = blob(0.05, 0.44, 0.1, 0.4).moved(-0.2, 0, 0.46 + height)
        slats = [
            tube([[-0.2, j, 0.46], [-0.2, j, 0.46 + height]], 0.016)
            for j in (-0.19, -0.095, 0, 0.095, 0.19)
        ]
        back = merge([rail, *slats])
    else:
        back = blob(0.06, 0.43, height, 0.35).moved(-0.2, 0, 0.52 + height / 2)
        posts = [tube([[-0.2, j, 0.44], [-0.2, j, 0.6]], 0.016) for j in (-0.15, 0.15)]
        back = merge([back, *posts])
    under = legs(0.18, 0.18, 0.46, 0.022, 0.03)
    top = Top("seat", 0.03, 0, 0.495, 0.3, 0.34)
    return Shape([Part("seat", seat), Part("back", back), Part("legs", under, DARK, 0.4)], (top,))


def office_chair(u: float, v: float) -> Shape:
    """A swivel chair on five wheels; `u` makes its back taller, `v` wider."""
    seat = blob(0.48, 0.48, 0.1, 0.45).moved(z=0.48)
    height, width = 0.5 + 0.16 * u, 0.4 + 0.08 * v
    back = blob(0.1, width, height, 0.5).turned("y", -8).moved(-0.27, 0, 0.6 + height / 2)
    stem = tube([[-0.2, 0, 0.45], [-0.29, 0, 0.66]], 0.025)
    spokes, wheels = [], []
    for k in range(5):
        x, y = 0.29 * np.cos(k * 2 * np.pi / 5), 0.29 * np.sin(k * 2 * np.pi / 5)
        spokes.append(tube([[0, 0, 0.11], [x, y, 0.075]], 0.02))
        wheels.append(blob(0.07, 0.07, 0.07, 1.0, 7).moved(x, y, 0.035))
    base = merge([tube([[0, 0, 0.08], [0, 0, 0.46]], 0.028), *spokes])
    return Shape(
        [
            Part("seat", seat),
            Part("back", back),
            Part("base", stem, METAL, 0.9),
            Part("base", base, METAL, 0.9),
            Part("wheels", merge(wheels), DARK, 0.95),
        ]
    )


def _sofa(width: float, height: float, cushions: int, arm: float) -> Shape:
    """A padded seat with back and arms, its seat split into cushions."""
    inner = width - 2 * arm
    one = inner / cushions
    pads = [
        blob(0.62, one * 0.99, 0.2, 0.3).moved(0.08, (k - (cushions - 1) / 2) * one, 0.36)
        for k in range(cushions)
    ]
    seat = merge([box(0.68, inner, 0.2).moved(0.02, 0, 0.09), *pads])
    back = blob(0.24, width - 0.06, height, 0.3).turned("y", -7)
    arms = [
        blob(0.78, arm * 1.12, 0.52, 0.3).moved(0.02, j * (width - arm) / 2, 0.35) for j in (-1, 1)
    ]
    top = Top("seat", 0.13, 0, 0.46, 0.42, inner - 0.08)
    return Shape(
        [
            Part("seat", seat),
            Part("back", back.moved(-0.3, 0, 0.12 + height / 2)),
            Part("arms", merge(arms)),
            Part("feet", legs(0.28, width / 2 - 0.12, 0.11, 0.03), DARK, 0.8),
        ],
        (top,),
    )


def couch(u: float, v: float) -> Shape:
    """A couch of two or three cushions; `u` makes it wider, `v` its back taller."""
    return _sofa(1.55 + 0.5 * u, 0.66 + 0.14 * v, 2 if u < 0.5 else 3, 0.18)


def armchair(u: float, v: float) -> Shape:
    """A padded chair for one with thick arms; `u` makes it wider, `v` its back taller."""
    return _sofa(0.86 + 0.08 * u, 0.72 + 0.2 * v, 1, 0.17)


def stool(u: float, v: float) -> Shape:
    """A round stool with a ring between its legs; `u` makes it taller, `v` its seat thicker."""
    height, thick = 0.4 + 0.24 * u, 0.05 + 0.04 * v
    seat = lathe(
        [(0, 0), (0.15, 0), (0.175, 0.02), (0.175, thick - 0.015), (0.15, thick), (0, thick)]
    )
    ring = lathe([(0.135, 0), (0.15, 0), (0.15, 0.02), (0.135, 0.02), (0.135, 0)]).moved(z=0.16)
    under = merge([legs(0.09, 0.09, height, 0.018, 0.05), ring])
    return Shape([Part("seat", seat.moved(z=height)), Part("legs", under, DARK, 0.35)])


def bench(u: float, v: float) -> Shape:
    """A bench without a back: boards on two frames; `u` makes it longer, `v` higher."""
    y, height = 1.0 + 0.4 * u, 0.4 + 0.08 * v
    boards = [box(0.11, y, 0.035).moved(i * 0.125, 0, height) for i in (-1, 0, 1)]
    frames = []
    for j in (-1, 1):
        side = j * (y / 2 - 0.16)
        frames += [box(0.05, 0.06, height).moved(i * 0.14, side) for i in (-1, 1)]
        frames.append(box(0.34, 0.06, 0.05).moved(0, side, height - 0.05))
    return Shape([Part("seat", merge(boards)), Part("legs", merge(frames), DARK, 0.4)])


def bed(u: float, v: float) -> Shape:
    """A bed with its headboard at -x; `u` makes it wider, `v` its headboard taller."""
    x, y, board = 2.0, 0.95 + 0.5 * u, 0.75 + 0.3 * v
    frame = box(x, y, 0.16).moved(z=0.14)
    mattress = blob(x - 0.08, y - 0.04, 0.26, 0.18, 13).moved(0.01, 0, 0.39)
    headboard = box(0.06, y + 0.04, board).moved(-x / 2 - 0.03)
    under = merge(
        [
            box(0.07, 0.07, 0.14).moved(i * (x / 2 - 0.07), j * (y / 2 - 0.07))
            for i in (-1, 1)
            for j in (-1, 1)
        ]
    )
    top = Top("seat", 0.0, 0, 0.52, x - 0.3, y - 0.2)
    return Shape(
        [
            Part("mattress", mattress, LIGHT, 0.35),
            Part("headboard", headboard),
            Part("frame", frame),
            Part("legs", under, DARK, 0.6),
        ],
        (top,),
    )


def pillow(u: float, v: float) -> Shape:
    """A pillow lying flat; `u` makes it longer, `v` thicker."""
    y = 0.42 + 0.2 * u
    cover = blob(0.4, y, 0.13 + 0.05 * v, 0.45)
    trim = merge(
        [blob(0.43, 0.025, 0.025, 0.5, 7).moved(0, j * y / 2) for j in (-0.93, 0.93)]
        + [blob(0.025, y, 0.025, 0.5, 7).moved(i * 0.2) for i in (-0.93, 0.93)]
    )
    return Shape([Part("cover", cover), Part("trim", trim, LIGHT, 0.5)])
