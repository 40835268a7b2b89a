"""What the rooms' categories are called in other label sets: NYU40's ids, Replica's classes."""

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.vocabulary import STRUCTURE

LABELS: dict[int, str] = {id_: name for name, id_ in STRUCTURE.items()} | {
    c.scannet200_id: c.name for c in CATEGORIES
}
"""Names by ScanNet200 id: what can be labelled in a room."""

OTHER_PROP, OTHER_FURNITURE, OTHER_STRUCTURE = 40, 39, 38
"""NYU40's classes for all that has none of its own."""

NYU40_NAMES: dict[int, str] = {
    1: "wall", 2: "floor", 3: "cabinet", 4: "bed", 5: "chair", 6: "sofa", 7: "table", 8: "door",
    9: "window", 10: "bookshelf", 11: "picture", 14: "desk", 15: "shelves", 17: "dresser",
    18: "pillow", 19: "mirror", 22: "ceiling", 23: "books", 24: "refridgerator", 29: "box",
    30: "whiteboard", 32: "night stand", 35: "lamp", OTHER_STRUCTURE: "otherstructure",
    OTHER_FURNITURE: "otherfurniture", OTHER_PROP: "otherprop",
}  # fmt: skip
"""NYU40's names, in its own spelling."""

_NYU40 = {
    "wall": 1, "floor": 2, "ceiling": 22, "cabinet": 3, "bed": 4, "chair": 5, "office chair": 5,
    "armchair": 5, "couch": 6, "table": 7, "door": 8, "window": 9, "bookshelf": 10, "picture": 11,
    "desk": 14, "shelf": 15, "dresser": 17, "pillow": 18, "mirror": 19, "book": 23,
    "refrigerator": 24, "box": 29, "whiteboard": 30, "nightstand": 32, "lamp": 35,
    "light switch": OTHER_STRUCTURE,
} | dict.fromkeys(
    ("trash can", "bench", "radiator", "ladder", "crate"), OTHER_FURNITURE
)  # fmt: skip


def nyu40_id(name: str) -> int:
    """NYU40's id of a category, as ScanNet's own table of labels maps it."""
    return _NYU40.get(name, OTHER_PROP)


_REPLICA = {
    "backpack": (1, "backpack"), "basket": (3, "basket"), "bed": (7, "bed"),
    "bench": (8, "bench"), "trash can": (10, "bin"), "book": (13, "book"),
    "bottle": (14, "bottle"), "box": (15, "box"), "bowl": (16, "bowl"),
    "cabinet": (18, "cabinet"), "candle": (19, "candle"), "chair": (20, "chair"),
    "office chair": (20, "chair"), "armchair": (20, "chair"), "clock": (22, "clock"),
    "keyboard": (27, "computer-keyboard"), "cup": (28, "cup"), "ceiling": (31, "ceiling"),
    "desk": (34, "desk"), "door": (37, "door"), "floor": (40, "floor"),
    "potted plant": (44, "indoor-plant"), "lamp": (47, "lamp"), "laptop": (48, "laptop"),
    "microwave": (51, "microwave"), "monitor": (52, "monitor"), "mouse": (53, "mouse"),
    "nightstand": (54, "nightstand"), "picture": (59, "picture"), "pillow": (61, "pillow"),
    "plate": (64, "plate"), "refrigerator": (67, "refrigerator"), "shelf": (71, "shelf"),
    "bookshelf": (71, "shelf"), "couch": (76, "sofa"), "stool": (78, "stool"),
    "light switch": (79, "switch"), "table": (80, "table"), "tissue box": (83, "tissue-paper"),
    "wall": (93, "wall"), "window": (97, "window"),
}  # fmt: skip

_OWN = 1000  # Replica's classes end at 101


def replica_class(scannet200_id: int) -> tuple[int, str]:
    """Replica's class id and name; what Replica has no class for keeps its name, ids from 1001."""
    name = LABELS[scannet200_id]
    return _REPLICA.get(name, (_OWN + scannet200_id, name))


def colours(ids: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """A colour for each of some ids, [n] -> uint8 [n, 3]; equal ids have equal colours."""
    turn = (ids[:, None] * 0.618034 + np.array([0.0, 2 / 3, 1 / 3])) % 1
    wave = np.clip(np.abs(6 * turn - 3) - 1, 0, 1)
    return np.asarray(np.round(70 + 170 * wave), dtype=np.uint8)
