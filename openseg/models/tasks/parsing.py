"""What stages may ask of a sentence parser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from openseg.types import ParsedPhrase


@runtime_checkable
class SentenceParser(Protocol):
    """Tells for each word of a phrase which word it depends on (our own network, spaCy)."""

    def parse(self, texts: Sequence[str]) -> list[ParsedPhrase]:
        """Parses phrases; each is parsed as if it were alone.

        Args:
            texts: The phrases, as people write them; may be none.

        Returns:
            For each text its tree. A text without any word has one word: all of the text.
        """
        ...
