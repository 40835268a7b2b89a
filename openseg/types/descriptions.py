"""What a language model said, with the question it answered, or why there is no answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One question and what came of it.

    Attributes:
        text: The answer as the method uses it; empty if there is none.
        question: The words that were asked, those of the second try if there was one; empty if
            nothing could be asked.
        reply: The last reply, word for word; empty if there was none.
        missing: Why there is no answer; empty if there is one.
        prompt: Which prompt asked: its name, version and digest.
    """

    text: str
    question: str
    reply: str
    missing: str = ""
    prompt: str = ""

    def __str__(self) -> str:
        return repr(self.text) if not self.missing else f"missing: {self.missing}"


@dataclass(frozen=True)
class Descriptions:
    """Answers in rows: a row a phrase of the query, a region, or the image.

    Attributes:
        items: The answers, row by row.
        columns: Answers in a row: 1, or one for each phrase where regions are judged by phrases.
    """

    items: tuple[Answer, ...]
    columns: int = 1

    def __len__(self) -> int:
        return len(self.items) // self.columns

    def row(self, row: int) -> tuple[Answer, ...]:
        """The answers of a row."""
        return self.items[row * self.columns : (row + 1) * self.columns]

    @property
    def missing(self) -> int:
        """How many questions have no answer."""
        return sum(bool(one.missing) for one in self.items)

    def __str__(self) -> str:
        return "\n\n".join(
            f"{number}. {one}\n   asked by {one.prompt}: {one.question or 'nothing'}"
            for number, one in enumerate(self.items)
        )
