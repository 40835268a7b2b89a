"""Tables and what one stores things in: table, desk, nightstand, dresser, cabinet, shelves, fridge.

Fronts face +x and bases stand on z = 0. Both proportions `u` and `v` lie in [0, 1].
"""

import numpy as np

from openseg.mini.rooms.shapes.mesh import Mesh, box, lathe, merge, tube
from openseg.mini.rooms.shapes.part import DARK, LIGHT, METAL, Part, Shape, Top


def _posts(x: float, y: float, height: float, thick: float) -> Mesh:
    """Four square legs inside a rectangle of full sides x and y."""
    a, b = (x - thick) / 2, (y - thick) / 2
    return merge([box(thick, thick, height).moved(i * a, j * b) for i in (-1, 1) for j in (-1, 1)])


def _knob(x: float, y: float, z: float) -> Mesh:
    return tube([[x - 0.005, y, z], [x + 0.03, y, z]], 0.014)


def _bar(x: float, y: float, z: float, height: float) -> Mesh:
    """An upright handle on a door."""
    return tube([[x, y, z], [x + 0.03, y, z], [x + 0.03, y, z + height], [x, y, z + height]], 0.009)


def table(u: float, v: float) -> Shape:
    """A table; round on one leg for `v` above 0.6, else four-legged; `u` makes it longer."""
    if v > 0.6:
        radius, height = 0.5 + 0.12 * u, 0.7
        top = lathe([(0, 0), (radius, 0), (radius, 0.04), (0, 0.04)], 32).moved(z=height)
        foot = lathe([(0, 0), (0.28, 0), (0.28, 0.03), (0.05, 0.07), (0.045, height), (0, height)])
        side = 1.3 * radius
        place = Top("top", 0, 0, height + 0.04, side, side)
        return Shape([Part("top", top), Part("legs", foot, DARK, 0.35)], (place,))
    x, y, height = 0.75, 1.1 + 0.5 * u, 0.7
    top = box(x, y, 0.04).moved(z=height)
    rail = box(x - 0.1, y - 0.1, 0.07).moved(z=height - 0.07)
    under = merge([_posts(x - 0.06, y - 0.06, height, 0.06), rail])
    place = Top("top", 0, 0, height + 0.04, x - 0.06, y - 0.06)
    return Shape([Part("top", top), Part("legs", under, DARK, 0.35)], (place,))


def desk(u: float, v: float) -> Shape:
    """A desk with drawers on one side; `u` makes it wider, `v` puts the drawers left or right."""
    x, y, height, side = 0.65, 1.15 + 0.4 * u, 0.71, 1 if v > 0.5 else -1
    top = box(x, y, 0.035).moved(z=height)
    shift = side * (y / 2 - 0.23)
    case = box(x - 0.1, 0.4, 0.5).moved(0, shift, height - 0.5)
    fronts = [
        box(0.02, 0.36, 0.14).moved(x / 2 - 0.045, shift, height - 0.5 + 0.02 + 0.16 * k)
        for k in range(3)
    ]
    pulls = [
        box(0.02, 0.14, 0.018).moved(x / 2 - 0.03, shift, height - 0.5 + 0.08 + 0.16 * k)
        for k in range(3)
    ]
    under = _posts(x - 0.04, y - 0.04, height, 0.045)
    return Shape(
        [
            Part("top", top),
            Part("legs", under, DARK, 0.5),
            Part("drawers", merge([case, *fronts]), DARK, 0.2),
            Part("drawers", merge(pulls), METAL, 0.9),
        ],
        (Top("top", 0, 0, height + 0.035, x - 0.06, y - 0.06),),
    )


def nightstand(u: float, v: float) -> Shape:
    """A small case on legs: one drawer above an open box; `u` widens it, `v` makes it higher."""
    x, y, z, lift = 0.38, 0.42 + 0.08 * u, 0.36 + 0.08 * v, 0.12
    sides = [box(x, 0.02, z).moved(0, j * (y / 2 - 0.01)) for j in (-1, 1)]
    boards = [box(x, y - 0.04, 0.02).moved(0, 0, k) for k in (0, z * 0.45, z - 0.02)]
    back = box(0.015, y - 0.04, z - 0.04).moved(-x / 2 + 0.01, 0, 0.02)
    top = box(x + 0.03, y + 0.03, 0.02).moved(0, 0, z)
    drawer = box(0.02, y - 0.06, z * 0.44).moved(x / 2, 0, z * 0.48)
    body = merge([*sides, *boards, back, top]).moved(z=lift)
    return Shape(
        [
            Part("body", body),
            Part("drawer", drawer.moved(z=lift), LIGHT, 0.3),
            Part("drawer", _knob(x / 2 + 0.01, 0, lift + z * 0.7), METAL, 0.9),
            Part("legs", _posts(x - 0.04, y - 0.04, lift, 0.04), DARK, 0.5),
        ],
        (Top("top", 0, 0, lift + z + 0.02, x - 0.02, y - 0.02),),
    )


def dresser(u: float, v: float) -> Shape:
    """A chest of six drawers in two columns; `u` makes it wider, `v` higher."""
    x, y, z = 0.46, 1.1 + 0.25 * u, 0.76 + 0.16 * v
    body = merge([box(x, y, z).moved(z=0.05), box(x + 0.04, y + 0.04, 0.03).moved(z=z + 0.05)])
    plinth = box(x - 0.06, y - 0.06, 0.05)
    width, height = y / 2 - 0.05, z / 3 - 0.03
    fronts, pulls = [], []
    for j in (-1, 1):
        for k in range(3):
            low = 0.07 + k * z / 3
            fronts.append(box(0.02, width, height).moved(x / 2 + 0.01, j * y / 4, low))
            pulls += [
                _knob(x / 2 + 0.02, j * y / 4 + d * width / 4, low + height / 2) for d in (-1, 1)
            ]
    return Shape(
        [
            Part("body", body),
            Part("body", plinth, DARK, 0.4),
            Part("drawers", merge(fronts), LIGHT, 0.22),
            Part("handles", merge(pulls), METAL, 0.9),
        ],
        (Top("top", 0, 0, z + 0.08, x - 0.02, y - 0.04),),
    )


def cabinet(u: float, v: float) -> Shape:
    """A cupboard with two doors; `u` makes it wider, `v` higher."""
    x, y, z = 0.42, 0.72 + 0.2 * u, 0.85 + 0.4 * v
    body = merge([box(x, y, z).moved(z=0.08), box(x - 0.08, y - 0.06, 0.08)])
    doors = [
        box(0.02, y / 2 - 0.03, z - 0.06).moved(x / 2 + 0.01, j * y / 4, 0.11) for j in (-1, 1)
    ]
    panels = [
        box(0.012, y / 2 - 0.13, z - 0.18).moved(x / 2 + 0.024, j * y / 4, 0.17) for j in (-1, 1)
    ]
    grips = [_bar(x / 2 + 0.02, j * 0.045, 0.02 + z * 0.5, 0.16) for j in (-1, 1)]
    return Shape(
        [
            Part("body", body),
            Part("doors", merge(doors), LIGHT, 0.2),
            Part("doors", merge(panels), LIGHT, 0.32),
            Part("handles", merge(grips), METAL, 0.9),
        ],
        (Top("top", 0, 0, z + 0.08, x - 0.04, y - 0.06),),
    )


def refrigerator(u: float, v: float) -> Shape:
    """A tall box with a large door below a small one; `u` makes it wider, `v` higher."""
    x, y, z = 0.58, 0.6 + 0.1 * u, 1.5 + 0.3 * v
    body = merge([box(x, y, z).moved(z=0.03), box(x - 0.08, y - 0.08, 0.03)])
    split = 0.66 * z
    doors = [
        box(0.05, y - 0.01, split - 0.06).moved(x / 2 + 0.03, 0, 0.06),
        box(0.05, y - 0.01, z - split - 0.03).moved(x / 2 + 0.03, 0, split + 0.03),
    ]
    front, side = x / 2 + 0.055, y / 2 - 0.07
    grips = [_bar(front, side, split - 0.45, 0.38), _bar(front, side, split + 0.06, 0.2)]
    return Shape(
        [
            Part("body", body, DARK, 0.12),
            Part("doors", merge(doors)),
            Part("handles", merge(grips), METAL, 0.9),
        ]
    )


def bookshelf(u: float, v: float) -> Shape:
    """An open case of four boards; `u` makes it wider, `v` higher."""
    x, y, z = 0.32, 0.75 + 0.3 * u, 1.45 + 0.35 * v
    sides = [box(x, 0.025, z).moved(0, j * (y / 2 - 0.0125)) for j in (-1, 1)]
    step = (z - 0.1) / 4
    heights = [0.06 + k * step for k in range(5)]
    boards = [box(x - 0.01, y - 0.05, 0.025).moved(0, 0, k) for k in heights]
    back = box(0.012, y - 0.05, z - 0.08).moved(-x / 2 + 0.008, 0, 0.06)
    tops = tuple(
        Top("shelf", 0.01, 0, k + 0.025, x - 0.04, y - 0.08, step - 0.04) for k in heights[:4]
    )
    return Shape(
        [
            Part("sides", merge(sides)),
            Part("boards", merge(boards), LIGHT, 0.12),
            Part("back", back, DARK, 0.3),
        ],
        tops,
    )


def shelf(u: float, v: float) -> Shape:
    """A board on two brackets on the wall; `u` makes it longer, `v` deeper."""
    x, y = 0.22 + 0.06 * v, 0.7 + 0.4 * u
    board = box(x, y, 0.03).moved(x / 2, 0, 0.13)
    brackets = []
    for j in (-1, 1):
        corner = j * (y / 2 - 0.12)
        brackets += [
            box(0.02, 0.03, 0.13).moved(0.01, corner),
            box(x - 0.04, 0.03, 0.02).moved(x / 2 - 0.02, corner, 0.11),
            tube(np.array([[0.01, corner, 0.02], [x - 0.06, corner, 0.115]]), 0.01),
        ]
    place = Top("shelf", x / 2, 0, 0.16, x - 0.03, y - 0.04, 0.5)
    return Shape([Part("board", board), Part("brackets", merge(brackets), DARK, 0.55)], (place,))
