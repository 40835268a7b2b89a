"""Builders of all categories from simple solids, with named parts."""

from openseg.mini.rooms.shapes.build import build, extent_of, natural_size, shape_of
from openseg.mini.rooms.shapes.mesh import Mesh, merge
from openseg.mini.rooms.shapes.part import Part, Shape, Top

__all__ = [
    "Mesh",
    "Part",
    "Shape",
    "Top",
    "build",
    "extent_of",
    "merge",
    "natural_size",
    "shape_of",
]
