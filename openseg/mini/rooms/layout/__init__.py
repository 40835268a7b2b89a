"""Scenes from seeds: stills and furnished rooms with a walk through them, in pure NumPy."""

from openseg.mini.rooms.layout.room import make_room
from openseg.mini.rooms.layout.still import make_still

__all__ = ["make_room", "make_still"]
