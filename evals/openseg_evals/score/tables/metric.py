"""What `openseg score` knows of a metric before it imports anything heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a tally needs NumPy
    from openseg_evals.tally import Tally


@dataclass(frozen=True)
class Convention:
    """A named choice that changes the number.

    Attributes:
        default: What is chosen if the user says nothing; empty if the user must.
        about: What it decides.
        choices: The values there are; none if any text will do.
    """

    default: str
    about: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metric:
    """A row of the table.

    Attributes:
        module: Module with `tally(gt, pred, options)`; `module:function` for another name.
        summary: One line: names and task.
        gt: Format of the truth.
        pred: Format of the predictions.
        higher_is_better: Direction of the metric's numbers.
        conventions: Named choices.
    """

    module: str
    summary: str
    gt: str
    pred: str
    higher_is_better: bool = True
    conventions: Mapping[str, Convention] = field(default_factory=dict)


class Scorer(Protocol):
    """What a scorer's module offers."""

    def __call__(self, gt: Path, pred: Path, options: Mapping[str, str]) -> Tally:
        """Reads and checks the files and counts every unit."""
