"""The closed set: what the proposer is taught, and what it has to leave to others.

A fixed pattern picks them, so that large and small, frequent and rare things are on both sides.
"""

from __future__ import annotations

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.vocabulary import STRUCTURE

UNKNOWN: tuple[str, ...] = tuple(c.name for k, c in enumerate(CATEGORIES) if k % 3 == 2)
"""Categories that training shows without saying so: background, as COCO has it."""

KNOWN: tuple[str, ...] = (
    *STRUCTURE,
    *(c.name for c in CATEGORIES if c.name not in UNKNOWN),
)
"""The classes by number; the room's surfaces come first."""
