"""Furniture: chair, table, couch, stool, lamp, monitor.

Fronts face +x and bases stand on z = 0. Both proportions `u` and `v` lie in [0, 1].
"""

from openseg.mini.world.mesh import Mesh, box, lathe, merge, superellipsoid, tube
from openseg.mini.world.shapes.part import DARK, LIGHT, METAL, Part


def _legs(x: float, y: float, height: float, thick: float, splay: float = 0.0) -> Mesh:
    return merge(
        [
            tube([[i * (x + splay), j * (y + splay), 0], [i * x, j * y, height]], thick)
            for i in (-1, 1)
            for j in (-1, 1)
        ]
    )


def chair(u: float, v: float) -> list[Part]:
    """A chair; `u` makes its back taller, `v` its legs splay."""
    seat = superellipsoid(0.56, 0.58, 0.12, 0.35).moved(z=0.46)
    height = 0.46 + 0.16 * u
    back = superellipsoid(0.11, 0.56, height, 0.4).turned("y", -8).moved(-0.27, 0, 0.5 + height / 2)
    legs = _legs(0.21, 0.22, 0.44, 0.035, 0.06 * v)
    return [Part("seat", seat), Part("back", back), Part("legs", legs, DARK, 0.45)]


def table(u: float, v: float) -> list[Part]:
    """A small table; `u` makes it longer, `v` lower."""
    x, y, height = 0.62, 0.8 + 0.3 * u, 0.62 - 0.14 * v
    top = box(x, y, 0.08).moved(z=height)
    rail = box(x - 0.12, y - 0.12, 0.08).moved(z=height - 0.08)
    legs = merge(
        [
            box(0.08, 0.08, height).moved(i * (x / 2 - 0.07), j * (y / 2 - 0.07))
            for i in (-1, 1)
            for j in (-1, 1)
        ]
        + [rail]
    )
    return [Part("top", top), Part("legs", legs, DARK, 0.3)]


def couch(u: float, v: float) -> list[Part]:
    """A couch of two cushions; `u` makes it wider, `v` its back taller."""
    y, height = 1.0 + 0.3 * u, 0.4 + 0.12 * v
    width = (y - 0.28) / 2
    cushions = [
        superellipsoid(0.54, width * 1.02, 0.24, 0.35).moved(0.06, j * width / 2, 0.34)
        for j in (-1, 1)
    ]
    seat = merge([box(0.56, y - 0.1, 0.2).moved(z=0.08), *cushions])
    back = superellipsoid(0.22, y - 0.1, height + 0.2, 0.3).turned("y", -8)
    arms = merge(
        [
            superellipsoid(0.64, 0.18, 0.46, 0.35).moved(0.0, j * (y / 2 - 0.07), 0.31)
            for j in (-1, 1)
        ]
    )
    return [
        Part("seat", seat, LIGHT, 0.12),
        Part("back", back.moved(-0.26, 0, 0.24 + height / 2)),
        Part("arms", arms),
        Part("feet", _legs(0.23, y / 2 - 0.1, 0.1, 0.035), DARK, 0.8),
    ]


def stool(u: float, v: float) -> list[Part]:
    """A round stool with a ring between its legs; `u` makes it taller, `v` its seat thicker."""
    height, thick = 0.5 + 0.16 * u, 0.1 + 0.05 * v
    seat = lathe(
        [(0, 0), (0.25, 0), (0.285, 0.03), (0.285, thick - 0.03), (0.25, thick), (0, thick)]
    ).moved(z=height)
    ring = lathe([(0.215, 0), (0.215, 0.03), (0.24, 0.03), (0.24, 0), (0.215, 0)]).moved(z=0.2)
    legs = merge([_legs(0.14, 0.14, height, 0.032, 0.06), ring])
    return [Part("seat", seat), Part("legs", legs, DARK, 0.35)]


def lamp(u: float, v: float) -> list[Part]:
    """A standing lamp; `u` makes its shade a steeper cone, `v` its pole longer."""
    pole = 0.34 + 0.16 * v
    top, bottom = 0.2 - 0.08 * u, 0.29
    shade = lathe(
        [(bottom - 0.02, 0), (bottom, 0), (top, 0.34), (top - 0.02, 0.34), (bottom - 0.02, 0)]
    )
    bulb = superellipsoid(0.12, 0.12, 0.14).moved(z=pole + 0.14)
    rod = lathe([(0.024, 0.05), (0.024, pole + 0.14)], 12)
    base = lathe([(0, 0), (0.19, 0), (0.19, 0.03), (0.06, 0.07), (0, 0.07)])
    return [
        Part("shade", shade.moved(z=pole + 0.02)),
        Part("shade", bulb, LIGHT, 0.95),
        Part("pole", rod, METAL, 0.9),
        Part("base", base, DARK, 0.2),
    ]


def monitor(u: float, v: float) -> list[Part]:
    """A monitor on a stand; `u` makes it wider, `v` its stand taller."""
    y, z, lift = 0.78 + 0.2 * u, 0.56, 0.16 + 0.08 * v
    frame = box(0.09, y, z).moved(z=lift)
    bulge = superellipsoid(0.16, y * 0.6, z * 0.6, 0.5).moved(-0.06, 0, lift + z / 2)
    screen = box(0.012, y - 0.15, z - 0.15).moved(0.046, 0, lift + 0.085)
    shine = box(0.004, (y - 0.15) * 0.34, 0.05).moved(0.053, -0.15 * y, lift + z - 0.16)
    stand = merge(
        [
            box(0.07, 0.14, lift + 0.1).moved(-0.05),
            lathe([(0, 0), (0.2, 0), (0.2, 0.025), (0.17, 0.045), (0, 0.045)]),
        ]
    )
    return [
        Part("frame", merge([frame, bulge])),
        Part("screen", screen, DARK, 0.86),
        Part("screen", shine, LIGHT, 0.5),
        Part("stand", stand, DARK, 0.25),
    ]
