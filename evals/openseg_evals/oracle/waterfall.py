"""From the scores of a method and its oracle variants to what each step is worth.

The rows lead from the method's score to the best there is, and their gains add up to what it lacks.
A step may lose: a stage that was tuned to its predecessor's mistakes can do worse on perfect input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PROTOCOL = "protocol"
"""The row for what no stage explains: the evaluation's own losses (one answer where several are
right, scoring at another size), and stages of types the oracle does not know."""

_BAR = 40
_EXACT = 1e-9


@dataclass(frozen=True)
class Row:
    """One step.

    Attributes:
        step: The step's key, as in `Variant.step`, or `protocol`.
        label: The step in words, with the nodes it replaced.
        before: The score without the step.
        value: The score with it.
    """

    step: str
    label: str
    before: float
    value: float

    @property
    def gain(self) -> float:
        """What the step is worth; negative if the score falls."""
        return self.value - self.before


@dataclass(frozen=True)
class Waterfall:
    """The way from a method's score to the best there is.

    Attributes:
        name: The method.
        metric: What is measured.
        score: The method's own score.
        best: The metric's best value.
        rows: The steps, in order.
    """

    name: str
    metric: str
    score: float
    best: float
    rows: tuple[Row, ...]

    def number(self, value: float) -> str:
        """A score as it is written: two decimals of a percentage, four of a fraction."""
        return f"{value:.{2 if self.best > 1 else 4}f}"

    def signed(self, gain: float) -> str:
        """A gain as it is written, always with a sign."""
        text = self.number(abs(gain))
        return f"-{text}" if gain < 0 and float(text) else f"+{text}"

    def as_text(self) -> str:
        """The waterfall for a terminal: a line a step, its gain, the score, a bar."""
        width = max(len(word) for word in [self.name, *(row.label for row in self.rows)])
        numbers = max(len(self.metric), len(self.signed(self.best)))
        lines = [
            ("", "gain", self.metric, ""),
            (self.name, "", self.number(self.score), self._bar(0, self.score)),
        ]
        for row in self.rows:
            bar = self._bar(row.before, row.value)
            lines.append((row.label, self.signed(row.gain), self.number(row.value), bar))
        return "\n".join(
            f"{label:{width}}  {gain:>{numbers}}  {value:>{numbers}}  {bar}".rstrip()
            for label, gain, value, bar in lines
        )

    def _bar(self, start: float, end: float) -> str:
        low, high = (round(_BAR * one / self.best) for one in sorted((start, end)))
        block = "\N{FULL BLOCK}" if end >= start else "\N{LIGHT SHADE}"
        return " " * low + (block * (high - low) or "\N{LEFT ONE EIGHTH BLOCK}")


def waterfall(
    name: str,
    metric: str,
    score: float,
    steps: Mapping[str, float],
    labels: Mapping[str, str],
    best: float = 100.0,
) -> Waterfall:
    """Puts scores in a row.

    Args:
        name: The method.
        metric: What is measured; higher is better.
        score: The method's own score.
        steps: The score of each variant by its step, in the order of the variants.
        labels: The label of each step.
        best: The metric's best value: 1 for metrics given as fractions.

    Returns:
        A row a step, and one for the protocol if the last step does not reach the best value.
    """
    rows: list[Row] = []
    before = score
    for step, value in steps.items():
        rows.append(Row(step, labels[step], before, value))
        before = value
    if abs(best - before) > _EXACT * best:
        rows.append(Row(PROTOCOL, "protocol, and what no step replaces", before, best))
    return Waterfall(name, metric, score, best, tuple(rows))
