"""The logical form of a sentence: a small tree that says what is asked for, free of words.

`str` of any part of it is short enough to read while debugging.
"""

from dataclasses import dataclass
from typing import Literal

from openseg.mini.rooms.vocabulary import Material, SizeWord

Relation = Literal["left", "right", "behind", "front", "above", "under", "on", "next"]
Quality = Literal[
    "largest", "smallest", "tallest", "shortest", "leftmost", "rightmost", "highest", "lowest",
    "closest", "farthest",
]  # fmt: skip
Side = Literal["left", "right"]
Ground = Literal["floor", "wall"]
Frame = Literal["picture", "viewer", "world"]
"""Whose directions count: the picture's, those of somebody at the camera, or the room's."""

FRAMES: dict[Relation, Frame] = {
    "left": "picture",
    "right": "picture",
    "behind": "viewer",
    "front": "viewer",
    "above": "world",
    "under": "world",
    "on": "world",
    "next": "world",
}
"""The frame of reference of each relation; `between` and distances are in the world's."""

PICTURE_QUALITIES: tuple[Quality, ...] = ("leftmost", "rightmost", "closest", "farthest")
"""Qualities that only a thing in a picture has."""


@dataclass(frozen=True)
class Kind:
    """Things of a category."""

    category: str

    def __str__(self) -> str:
        return self.category


@dataclass(frozen=True)
class Use:
    """Things with a function, a key of `FUNCTIONS`."""

    function: str

    def __str__(self) -> str:
        return f"for({self.function})"


@dataclass(frozen=True)
class Anything:
    """Things of all categories."""

    def __str__(self) -> str:
        return "thing"


Noun = Kind | Use | Anything


@dataclass(frozen=True)
class Coloured:
    """Whose painted parts have a colour."""

    colour: str

    def __str__(self) -> str:
        return self.colour


@dataclass(frozen=True)
class Made:
    """Whose painted parts have a material or pattern."""

    material: Material

    def __str__(self) -> str:
        return self.material


@dataclass(frozen=True)
class Sized:
    """Small or large for its category."""

    word: SizeWord

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True)
class HasPart:
    """Which has a part of that name, and of that colour if one is given."""

    part: str
    colour: str | None = None

    def __str__(self) -> str:
        return f"with({self.colour or 'a'} {self.part})"


@dataclass(frozen=True)
class Lies:
    """Which stands on the floor or hangs on a wall, not on another thing."""

    ground: Ground

    def __str__(self) -> str:
        return f"on-{self.ground}"


@dataclass(frozen=True)
class Related:
    """Which stands in a relation to the one thing that the landmark means."""

    relation: Relation
    landmark: "Group"

    def __str__(self) -> str:
        return f"{self.relation}[{FRAMES[self.relation]}]({self.landmark})"


@dataclass(frozen=True)
class Between:
    """Which is between two landmarks."""

    first: "Group"
    second: "Group"

    def __str__(self) -> str:
        return f"between[world]({self.first}, {self.second})"


@dataclass(frozen=True)
class Not:
    """Of which a test is false."""

    test: "Test"

    def __str__(self) -> str:
        return f"not({self.test})"


Test = Coloured | Made | Sized | HasPart | Lies | Related | Between | Not


@dataclass(frozen=True)
class Extreme:
    """The one that has most of a quality."""

    quality: Quality

    def __str__(self) -> str:
        return self.quality


@dataclass(frozen=True)
class Nth:
    """The one at a place, counted from 1 from a side of the picture."""

    place: int
    side: Side

    def __str__(self) -> str:
        return f"{self.place}-from-{self.side}[picture]"


@dataclass(frozen=True)
class ByDistance:
    """The one nearest to the landmark, or farthest from it."""

    which: Literal["nearest", "farthest"]
    landmark: "Group"

    def __str__(self) -> str:
        return f"{self.which}[world]({self.landmark})"


Pick = Extreme | Nth | ByDistance
Number = int | Literal["all"]


@dataclass(frozen=True)
class Group:
    """Some things: those of a noun that pass all tests; of these perhaps the one that is picked.

    Attributes:
        noun: What they are.
        tests: What is true of them.
        pick: Which one of these.
        number: How many there must be, exactly; "all" is two or more.
    """

    noun: Noun
    tests: tuple[Test, ...] = ()
    pick: Pick | None = None
    number: Number = 1

    def __str__(self) -> str:
        body = " & ".join(str(part) for part in (self.noun, *self.tests))
        if self.pick is not None:
            body = f"{self.pick} of {body}"
        return f"{self.number}({body})"


@dataclass(frozen=True)
class PartOf:
    """A part of the things that are meant, and the colour it must have if one is given."""

    part: str
    colour: str | None = None

    def __str__(self) -> str:
        return f"{self.colour + ' ' if self.colour else ''}{self.part}"


@dataclass(frozen=True)
class Form:
    """What a sentence means: all its groups together, or a part of them."""

    groups: tuple[Group, ...]
    part: PartOf | None = None

    def __str__(self) -> str:
        things = " + ".join(str(group) for group in self.groups)
        return f"{self.part} of {things}" if self.part else things


def one(noun: Noun, *tests: Test, pick: Pick | None = None) -> Form:
    """The form that means a single thing."""
    return Form((Group(noun, tests, pick),))
