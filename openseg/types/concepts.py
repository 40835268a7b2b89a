"""Words that were given the meaning they have in one image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_rows, check_tensor

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Concept:
    """A text in which some words' embeddings were fitted to an image (textual inversion).

    Attributes:
        text: The text.
        tokens: Which of the text's tokens were fitted, as the model that did it counts them.
        vectors: float32 `[k, d]`, a row a fitted token: what stands in place of its embedding.
    """

    text: str
    tokens: tuple[int, ...]
    vectors: Tensor

    def __post_init__(self) -> None:
        check_tensor(self.vectors, "Concept.vectors", ("k", "d"), "float32")
        check_rows("Concept.vectors", len(self.tokens), self.vectors.shape[0])


@dataclass(frozen=True, eq=False)
class Concepts:
    """The phrases of a query as concepts of an image.

    Attributes:
        items: One a phrase of the query, in that order.
    """

    items: tuple[Concept, ...]

    def __len__(self) -> int:
        return len(self.items)
