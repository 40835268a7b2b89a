"""Geometry of the categories: each is a function from two proportions to named parts."""

from openseg.mini.world.shapes.build import build
from openseg.mini.world.shapes.part import Part

__all__ = ["Part", "build"]
