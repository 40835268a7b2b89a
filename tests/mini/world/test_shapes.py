"""Every category is built from its named parts and stands on the ground."""

from itertools import product

import numpy as np
import pytest

from openseg.mini.world import CATEGORIES, Thing
from openseg.mini.world.mesh import merge
from openseg.mini.world.shapes import build


def thing(category, shape=(0.5, 0.5), **changes):
    values = {
        "id": 1,
        "category": category,
        "colour": "red",
        "rgb": (208, 28, 30),
        "position": (0.0, 0.0, 0.0),
        "yaw": 0.0,
        "size": 0.6,
        "shape": shape,
    }
    return Thing(**{**values, **changes})


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda c: c.name)
class TestEveryCategory:
    def test_is_built_from_exactly_its_named_parts(self, category):
        for shape in product((0.0, 1.0), repeat=2):
            assert {p.name for p in build(thing(category.name, shape))} == set(category.parts)

    def test_stands_where_it_should_at_its_size(self, category):
        for shape in product((0.0, 0.5, 1.0), repeat=2):
            placed = thing(category.name, shape, position=(1.0, -2.0, 0.0), size=0.7)
            points = merge([p.mesh for p in build(placed)]).points
            low, high = points.min(axis=0), points.max(axis=0)
            assert low[2] == pytest.approx(0, abs=1e-9)
            assert max(high - low) == pytest.approx(0.7)
            assert (low + high)[:2] / 2 == pytest.approx([1.0, -2.0], abs=1e-9)

    def test_shows_mostly_its_own_colour(self, category):
        """More than half of the surface of a red thing is a red that a person would call red."""
        red = total = 0.0
        for part in build(thing(category.name)):
            a, b, c = np.moveaxis(part.mesh.points[part.mesh.faces], 1, 0)
            area = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
            r, g, b_ = part.rgb((208, 28, 30))
            total += area
            red += area * (r > 1.8 * max(g, b_))
        assert red / total > 0.5
