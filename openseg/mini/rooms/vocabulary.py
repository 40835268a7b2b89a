"""The words of the rooms: what things can be called, coloured, made of and used for.

`Category` says all that language needs to know about a kind of thing; the table of categories is
in `catalogue.py`, what training must not see in `held_out.py`.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Group = Literal["head", "common", "tail"]
"""ScanNet200's groups of labels by how often they occur."""

Place = Literal["floor", "wall", "top", "seat", "shelf"]
"""Where a thing may be: on the floor, on a wall, on a table-like top, on a bed or couch, on a
board of a shelf."""

SizeWord = Literal["small", "large"]
"""Size relative to the category."""

Material = Literal["plain", "striped", "dotted", "checked", "wooden", "metallic"]
"""What the painted parts of a thing look like, beside their colour."""

MATERIALS: tuple[Material, ...] = get_args(Material)
"""All materials and patterns, each a word that can stand before a noun."""

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (205, 30, 32),
    "orange": (246, 126, 14),
    "yellow": (244, 216, 36),
    "green": (34, 142, 50),
    "turquoise": (28, 190, 184),
    "blue": (26, 70, 204),
    "purple": (120, 44, 170),
    "pink": (248, 142, 196),
    "brown": (112, 66, 30),
    "white": (242, 242, 240),
    "grey": (134, 136, 140),
    "black": (28, 28, 32),
}
"""Colour names and their sRGB centres (0-255); a thing's own shade is jittered around it."""

FUNCTIONS: dict[str, str] = {
    "sit": "something to sit on",
    "sleep": "something to sleep on",
    "rest_head": "something to rest your head on",
    "put_on": "something to put things on",
    "work_at": "something to work at",
    "store": "something to store things in",
    "keep_books": "something to keep books on",
    "drink": "something to drink from",
    "eat": "something to eat from",
    "pour": "something to pour water from",
    "serve": "something to serve drinks on",
    "cook": "something to heat food with",
    "cool_food": "something to keep food cold in",
    "read": "something to read",
    "write_on": "something to write on",
    "type": "something to type with",
    "point": "something to move a cursor with",
    "watch": "something to look at pictures on",
    "light": "something to light the room with",
    "time": "something to tell the time with",
    "date": "something to look up the date on",
    "decorate": "something to decorate a room with",
    "see_self": "something to see yourself in",
    "see_out": "something to look outside through",
    "enter": "something to enter a room through",
    "warm": "something to warm the room with",
    "air": "something to cool the room with",
    "waste": "something to throw rubbish into",
    "carry": "something to carry things in",
    "travel": "something to pack for a journey",
    "clean": "something to clean the floor with",
    "wipe": "something to wipe your nose with",
    "music": "something to make music with",
    "listen": "something to listen to music with",
    "play": "something to play with",
    "exercise": "something to train muscles with",
    "climb": "something to climb on",
    "wear": "something to wear on the head",
    "water": "something to water regularly",
    "put_out": "something to put out a fire with",
    "switch": "something to switch the light with",
    "instruct": "something that tells you a rule",
}
"""What things are for: a key and how it is said."""


@dataclass(frozen=True)
class Category:
    """A kind of thing.

    Attributes:
        name: Singular name, as in the ScanNet200 label list.
        plural: Plural name.
        scannet200_id: Label id in ScanNet200.
        group: Its group in ScanNet200.
        parts: Names of the parts that its geometry is built from. The part map of a view holds
            a part's place in this tuple plus one.
        functions: Keys of `FUNCTIONS`.
        places: Where it may be.
        size: Shortest and longest length that its longest side can have, in metres.
        front: Whether it has a front that people turn to.
        holds: The places it offers to other things.
        accents: Parts that may have a colour of their own.
    """

    name: str
    plural: str
    scannet200_id: int
    group: Group
    parts: tuple[str, ...]
    functions: tuple[str, ...]
    places: tuple[Place, ...]
    size: tuple[float, float]
    front: bool = False
    holds: tuple[Place, ...] = ()
    accents: tuple[str, ...] = ()

    def may_stand_on(self, other: "Category") -> bool:
        """Whether things of this category may stand on things of the other."""
        return bool(set(self.places) & set(other.holds))

    def size_word(self, size: float) -> SizeWord | None:
        """What a thing is called whose longest side has this length; None is ordinary."""
        low, high = self.size
        share = (size - low) / (high - low)
        if share < 0.3:
            return "small"
        return "large" if share > 0.7 else None


STRUCTURE: dict[str, int] = {"wall": 1, "floor": 3, "ceiling": 41}
"""The surfaces of a room and their ScanNet200 ids; doors and windows are things."""
