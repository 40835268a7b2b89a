"""What is to be made: which scenes, in which format, how large. Impossible orders are refused."""

from dataclasses import dataclass

from openseg.mini.rooms.splits import SPLITS, Split, scene_seed
from openseg.types.errors import UserError

SEEDS = 1 << 16
"""How many seeds there are; each has scenes of its own in every split."""

SCENES = 1 << 20
"""How many scenes each of them has."""

SIDES = (64, 2048)
"""Shortest and longest side of a picture in pixels."""

WHERE = "mini rooms"
"""Where errors say they come from."""


@dataclass(frozen=True)
class Order:
    """What is to be made.

    Attributes:
        kind: Name of the format.
        split: Name of the split.
        n: How many scenes.
        seed: Which scenes of the split, 0 <= seed < SEEDS.
        width: Width of the pictures in pixels.
        height: Height of the pictures in pixels.
    """

    kind: str
    split: str
    n: int
    seed: int
    width: int
    height: int

    @property
    def known_split(self) -> Split:
        """The split, checked.

        Raises:
            UserError: If there is none of this name.
        """
        for split in SPLITS:
            if split == self.split:
                return split
        fix = f"give one of {', '.join(SPLITS)}"
        raise UserError(f"there is no split {self.split!r}", where=WHERE, fix=fix)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        return self.width, self.height

    def place(self, index: int) -> int:
        """The place in the split of a scene of this order, 0 <= index < n."""
        return self.seed * SCENES + index

    def scene_seed(self, index: int) -> int:
        """The seed of a scene of this order, 0 <= index < n."""
        return scene_seed(self.known_split, self.place(index))

    def check(self) -> None:
        """Refuses what cannot be made.

        Raises:
            UserError: If there is no such split, or a number is out of range.
        """
        _ = self.known_split
        least, most = SIDES
        for name, value, low, high in (
            ("n", self.n, 1, SCENES),
            ("seed", self.seed, 0, SEEDS - 1),
            ("width", self.width, least, most),
            ("height", self.height, least, most),
        ):
            if not low <= value <= high:
                fix = f"give {low} to {high}"
                raise UserError(f"{name} is {value}", where=WHERE, fix=fix)
