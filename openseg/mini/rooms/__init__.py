"""The mini rooms: procedural, seeded, furnished rooms with posed pictures, depth, masks and parts.

`make_still(scene_seed(split, index))` and `make_room` describe a scene, `Renderer().walk(scene)`
draws its views, `fuse(scene, views)` makes the labelled mesh of a room.
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
from openseg.mini.rooms.layout import make_room, make_still
from openseg.mini.rooms.records import Record, Seen, read_records, record, sample_still
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scan import Scan, fuse
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
    "Record",
    "Renderer",
    "Room",
    "Scan",
    "Scene",
    "Seen",
    "SizeWord",
    "Split",
    "Surface",
    "Thing",
    "View",
    "category",
    "fuse",
    "held_out",
    "make_room",
    "make_still",
    "pairs_of",
    "parts_of",
    "read_records",
    "record",
    "sample_still",
    "scene_seed",
    "split_of",
]
