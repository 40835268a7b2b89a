"""The words of the mini world: its categories, its colours, and the pairs held out of training.

Categories carry their ScanNet200 label ids. A fixed arithmetic pattern holds out 24 of the 160
colour-category pairs (15 %), so that every colour and every category is still seen in training.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """A kind of object.

    Attributes:
        name: Singular name, as in the ScanNet200 label list.
        plural: Plural name.
        scannet200_id: Label id in ScanNet200.
        parts: Names of the parts that its geometry is built from.
    """

    name: str
    plural: str
    scannet200_id: int
    parts: tuple[str, ...]


CATEGORIES: tuple[Category, ...] = (
    Category("chair", "chairs", 2, ("seat", "back", "legs")),
    Category("table", "tables", 4, ("top", "legs")),
    Category("couch", "couches", 6, ("seat", "back", "arms", "feet")),
    Category("monitor", "monitors", 19, ("screen", "frame", "stand")),
    Category("book", "books", 22, ("cover", "pages")),
    Category("box", "boxes", 26, ("body", "flaps")),
    Category("lamp", "lamps", 28, ("shade", "pole", "base")),
    Category("stool", "stools", 38, ("seat", "legs")),
    Category("bottle", "bottles", 65, ("body", "neck", "cap")),
    Category("bucket", "buckets", 102, ("body", "rim", "handle")),
    Category("clock", "clocks", 103, ("case", "dial", "hands", "feet")),
    Category("cup", "cups", 130, ("body", "handle")),
    Category("ball", "balls", 168, ("body", "stripe")),
    Category("hat", "hats", 169, ("crown", "brim", "band")),
    Category("bowl", "bowls", 562, ("body", "foot")),
    Category("potted plant", "potted plants", 1189, ("leaves", "pot")),
)
"""The categories, in the order of their ScanNet200 ids."""

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (208, 28, 30),
    "green": (36, 150, 52),
    "blue": (30, 76, 208),
    "yellow": (242, 212, 26),
    "orange": (245, 124, 10),
    "purple": (122, 42, 168),
    "pink": (248, 136, 190),
    "brown": (112, 66, 30),
    "white": (244, 244, 242),
    "black": (30, 30, 34),
}
"""Colour names and their sRGB centres (0-255); an object's own colour is jittered around it."""

_BY_NAME = {category.name: category for category in CATEGORIES}


def category(name: str) -> Category:
    """Looks a category up by name.

    Raises:
        KeyError: If the mini world has no such category.
    """
    return _BY_NAME[name]


def held_out(colour: str, category_name: str) -> bool:
    """Whether a colour-category pair is kept out of training, validation and `test_seen`."""
    row = [c.name for c in CATEGORIES].index(category_name)
    column = list(COLOURS).index(colour)
    return (7 * row + column) % 10 == 2 or (row % 2 == 0 and (7 * row + column) % 10 == 7)


SEEN_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (colour, c.name) for c in CATEGORIES for colour in COLOURS if not held_out(colour, c.name)
)
"""(colour, category) pairs that every split may show."""

UNSEEN_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (colour, c.name) for c in CATEGORIES for colour in COLOURS if held_out(colour, c.name)
)
"""(colour, category) pairs that only `test_unseen` shows."""
