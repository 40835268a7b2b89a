"""The mini world: procedural, seeded indoor scenes with pictures, masks and true phrases.

`make_scene(scene_seed(split, index))` describes a scene, `Renderer().render(scene)` draws it,
`phrases(scene.things)` says what is in it.
"""

from openseg.mini.world.coco import write_coco
from openseg.mini.world.formats.refer import write_grefer, write_refer
from openseg.mini.world.generate import make_scene
from openseg.mini.world.phrases import GroundedPhrase, absent_phrases, phrases, words
from openseg.mini.world.records import ObjectRecord, SceneRecord, read_records, sample
from openseg.mini.world.render import Renderer, View
from openseg.mini.world.scene import Scene, Thing
from openseg.mini.world.splits import SPLITS, Split, scene_seed, split_of
from openseg.mini.world.vocabulary import (
    CATEGORIES,
    COLOURS,
    SEEN_PAIRS,
    UNSEEN_PAIRS,
    Category,
    held_out,
)

__all__ = [
    "CATEGORIES",
    "COLOURS",
    "SEEN_PAIRS",
    "SPLITS",
    "UNSEEN_PAIRS",
    "Category",
    "GroundedPhrase",
    "ObjectRecord",
    "Renderer",
    "Scene",
    "SceneRecord",
    "Split",
    "Thing",
    "View",
    "absent_phrases",
    "held_out",
    "make_scene",
    "phrases",
    "read_records",
    "sample",
    "scene_seed",
    "split_of",
    "words",
    "write_coco",
    "write_grefer",
    "write_refer",
]
