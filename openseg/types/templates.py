"""Pictures of what is looked for: an image as the query instead of words, or beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_tensor
from openseg.types.image import Image
from openseg.types.text import Phrase

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Template:
    """One picture of a thing, with the thing's mask.

    Attributes:
        image: The picture; other things may be in it.
        mask: bool `[h, w]` at the picture's size, true somewhere.
        phrase: What it shows; pictures of one thing share its `class_id`. Where the method takes
            words too, it is a phrase of the query.
    """

    image: Image
    mask: Tensor
    phrase: Phrase

    def __post_init__(self) -> None:
        check_tensor(self.mask, "Template.mask", self.image.size, "bool")


@dataclass(frozen=True, eq=False)
class Templates:
    """The support images of a sample.

    Attributes:
        items: The templates; pictures may differ in size. None only where a method can do without
            and was given none.
    """

    items: tuple[Template, ...]

    def __len__(self) -> int:
        return len(self.items)

    @property
    def things(self) -> tuple[Phrase, ...]:
        """Each thing once: the phrase of its first picture, in the order of first pictures."""
        first: dict[int, Phrase] = {}
        for one in self.items:
            first.setdefault(one.phrase.class_id, one.phrase)
        return tuple(first.values())
