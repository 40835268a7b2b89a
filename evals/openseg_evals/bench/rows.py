"""Lines of a bench's table: what was measured, against what, and whether its floor holds."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from openseg_evals.bench.clock import Pairs
from openseg_evals.bench.ratios import Ratio, ratio


@dataclass(frozen=True)
class Floor:
    """What a ratio must be.

    Attributes:
        bound: `at most`: ours over the peer's; `at least`: the peer's over ours.
        value: The bound.
    """

    bound: Literal["at most", "at least"]
    value: float

    def holds(self, value: float) -> bool:
        """Whether a ratio keeps to it."""
        return value <= self.value if self.bound == "at most" else value >= self.value

    def __str__(self) -> str:
        return f"{self.bound} {self.value:g}"


@dataclass(frozen=True)
class Row:
    """One line.

    Attributes:
        name: Unique in the table.
        against: What ours is compared with, in a few words.
        unit: Of `ours` and `peer`.
        ours: Median of our side.
        peer: Median of the other.
        ratio: As the floor defines it.
        floor: What the ratio must be.
        agrees: Whether both sides gave the same result.
        agreement: How that was checked, and what it showed.
        cpu_ratio: The same ratio of processor time; None where it is not of time.
        pairs: How many pairs of runs.
        note: What else a reader should know.
    """

    name: str
    against: str
    unit: str
    ours: float
    peer: float
    ratio: Ratio
    floor: Floor
    agrees: bool
    agreement: str
    cpu_ratio: float | None = None
    pairs: int = 1
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the results agree and the ratio keeps to its floor."""
        return self.agrees and self.floor.holds(self.ratio.median)

    def as_json(self) -> dict[str, Any]:
        """The line as `openseg bench --json` prints it."""
        return {
            "against": self.against,
            "unit": self.unit,
            "ours": self.ours,
            "peer": self.peer,
            "ratio": self.ratio.median,
            "interval": [self.ratio.low, self.ratio.high],
            "level": self.ratio.level,
            "cpu_ratio": self.cpu_ratio,
            "pairs": self.pairs,
            "bound": self.floor.bound,
            "floor": self.floor.value,
            "agrees": self.agrees,
            "agreement": self.agreement,
            "holds": self.holds,
            "note": self.note,
        }


@dataclass(frozen=True)
class Missing:
    """A case that could not be measured.

    Attributes:
        name: The case.
        reason: Why, and what would help.
    """

    name: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The line as `openseg bench --json` prints it."""
        return {"not_measured": self.reason}


def of_times(
    name: str,
    against: str,
    pairs: Pairs,
    floor: Floor,
    agreement: tuple[bool, str],
    note: str = "",
) -> Row:
    """A line of wall times, with processor time beside it.

    Args:
        name: Unique in the table.
        against: What ours is compared with.
        pairs: The runs.
        floor: What the ratio must be.
        agreement: Whether both sides gave the same result, and how that was checked.
        note: What else a reader should know.
    """
    walls = [one.wall for one in pairs.ours], [one.wall for one in pairs.peer]
    works = [one.cpu for one in pairs.ours], [one.cpu for one in pairs.peer]
    return of_values(
        name,
        against,
        "s",
        *walls,
        floor,
        agreement,
        # A run may be shorter than the system's tick of processor time.
        cpu_ratio=_ratio(*works, floor).median if all(works[0] + works[1]) else None,
        note=note,
    )


def of_values(
    name: str,
    against: str,
    unit: str,
    ours: list[float],
    peer: list[float],
    floor: Floor,
    agreement: tuple[bool, str],
    cpu_ratio: float | None = None,
    note: str = "",
) -> Row:
    """A line of anything that was measured in pairs; arguments as in `of_times`."""
    agrees, how = agreement
    return Row(
        name=name,
        against=against,
        unit=unit,
        ours=median(ours),
        peer=median(peer),
        ratio=_ratio(ours, peer, floor),
        floor=floor,
        agrees=agrees,
        agreement=how,
        cpu_ratio=cpu_ratio,
        pairs=len(ours),
        note=note,
    )


def _ratio(ours: list[float], peer: list[float], floor: Floor) -> Ratio:
    return ratio(ours, peer) if floor.bound == "at most" else ratio(peer, ours)
