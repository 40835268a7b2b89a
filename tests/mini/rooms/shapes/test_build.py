"""Every category is built from all its parts, to size, on its base, with room on its tops."""

from dataclasses import replace

import numpy as np
import pytest

from openseg.mini.rooms import CATEGORIES, Thing
from openseg.mini.rooms.shapes import build, extent_of, merge, shape_of

CORNERS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5)]


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda c: c.name)
def test_shapes_keep_their_promises(category):
    for shape in CORNERS:
        made = shape_of(category.name, shape, 0.5)
        assert {part.name for part in made.parts} == set(category.parts)
        points = merge([part.mesh for part in made.parts]).points
        low, high = points.min(axis=0), points.max(axis=0)
        assert np.max(high - low) == pytest.approx(0.5)
        assert low[2] == pytest.approx(0, abs=1e-9)
        assert low[1] == pytest.approx(-high[1])
        back = 0.0 if category.places == ("wall",) else -high[0]
        assert low[0] == pytest.approx(back, abs=1e-9)
        assert extent_of(category.name, shape, 0.5) == pytest.approx(high - low)
        assert {top.place for top in made.tops} == set(category.holds)
        for top in made.tops:
            assert low[0] <= top.x - top.depth / 2
            assert top.x + top.depth / 2 <= high[0]
            assert low[1] <= top.y - top.width / 2
            assert top.y + top.width / 2 <= high[1]
            assert 0 < top.z <= high[2] + 1e-9


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda c: c.name)
def test_tops_lie_on_the_geometry(category):
    """A ray straight down from just above a quarter of a top meets the thing within 8 mm."""
    for shape in CORNERS:
        made = shape_of(category.name, shape, category.size[1])
        corners = np.concatenate([p.mesh.points[p.mesh.faces] for p in made.parts])
        for top in made.tops:
            heights = _under(corners, top.x, top.y + top.width / 4)
            below = heights[heights <= top.z + 2e-3]
            assert top.z - below.max() < 8e-3
            above = heights[heights > top.z + 2e-3]
            assert not len(above) or above.min() >= top.z + min(top.clearance, 0.1)


def _under(corners, x, y):
    """Heights at which triangles cross the vertical line through a point."""
    a, b, c = (corners[:, k] for k in range(3))
    e, f, p = b[:, :2] - a[:, :2], c[:, :2] - a[:, :2], np.array([x, y]) - a[:, :2]
    area = e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]
    ok = np.abs(area) > 1e-12
    safe = np.where(ok, area, 1.0)
    s = (p[:, 0] * f[:, 1] - p[:, 1] * f[:, 0]) / safe
    t = (e[:, 0] * p[:, 1] - e[:, 1] * p[:, 0]) / safe
    hit = ok & (s >= -1e-9) & (t >= -1e-9) & (s + t <= 1 + 1e-9)
    z = a[:, 2] + s * (b[:, 2] - a[:, 2]) + t * (c[:, 2] - a[:, 2])
    return z[hit]


def test_things_stand_where_they_are_put():
    thing = Thing(
        1, "couch", "red", "plain", (200, 30, 30), (2.0, 3.0, 0.5), 90.0, 1.8,
        extent_of("couch", (0.5, 0.5), 1.8), (0.5, 0.5), "floor",
    )  # fmt: skip
    points = merge([part.mesh for part in build(thing)]).points
    low, high = points.min(axis=0), points.max(axis=0)
    depth, width, height = thing.extent
    assert (low + high) / 2 == pytest.approx(thing.middle)
    assert high - low == pytest.approx([width, depth, height])  # it faces +y
    back = next(p for p in build(thing) if p.name == "back").mesh.points[:, 1].mean()
    seat = next(p for p in build(thing) if p.name == "seat").mesh.points[:, 1].mean()
    assert back < seat
    again = replace(thing, yaw=270.0)
    back = next(p for p in build(again) if p.name == "back").mesh.points[:, 1].mean()
    assert back > 3.0
