"""The mini rooms: procedural, seeded, furnished rooms with posed pictures, depth, masks and parts.

`make_still` and `make_room` describe a scene from a seed; a renderer draws its views.
"""

from openseg.mini.rooms.catalogue import CATEGORIES, category
from openseg.mini.rooms.held_out import (
    LAYOUTS,
    SEEN_LAYOUTS,
    SEEN_PAIRS,
    SEEN_PARTS,
    UNSEEN_LAYOUTS,
    UNSEEN_PAIRS,
    UNSEEN_PARTS,
    held_out,
    pairs_of,
    parts_of,
)
from openseg.mini.rooms.scene import (
    Camera,
    Light,
    PartColour,
    Room,
    Scene,
    Surface,
    Thing,
)
from openseg.mini.rooms.splits import SPLITS, Split, scene_seed, split_of
from openseg.mini.rooms.vocabulary import (
    COLOURS,
    FUNCTIONS,
    MATERIALS,
    STRUCTURE,
    Category,
    Material,
    Place,
    SizeWord,
)

__all__ = [
    "CATEGORIES",
    "COLOURS",
    "FUNCTIONS",
    "LAYOUTS",
    "MATERIALS",
    "SEEN_LAYOUTS",
    "SEEN_PAIRS",
    "SEEN_PARTS",
    "SPLITS",
    "STRUCTURE",
    "UNSEEN_LAYOUTS",
    "UNSEEN_PAIRS",
    "UNSEEN_PARTS",
    "Camera",
    "Category",
    "Light",
    "Material",
    "PartColour",
    "Place",
    "Room",
    "Scene",
    "SizeWord",
    "Split",
    "Surface",
    "Thing",
    "category",
    "held_out",
    "pairs_of",
    "parts_of",
    "scene_seed",
    "split_of",
]
