"""What a bench is asked to do, and what its cases share."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from openseg.types.errors import OpensegError


class NotMeasuredError(OpensegError):
    """A case cannot be measured here; its message says what it needs."""


@dataclass(frozen=True)
class Settings:
    """How cases are measured.

    Attributes:
        folder: A folder of this bench alone, for weights, data and results.
        device: `cpu`, `cuda`, `cuda:1`.
        full: Whether at the size the floors speak of; otherwise at one that shows that the case
            works and its sides agree.
        repeats: Pairs of runs; None for what the case thinks right.
        official: Folders with the published programs, clones of their repositories.
    """

    folder: Path
    device: str = "cpu"
    full: bool = False
    repeats: int | None = None
    official: tuple[Path, ...] = ()

    @property
    def slow(self) -> bool:
        """Whether models of full width run without a GPU: an image takes a core half a minute."""
        return self.full and not self.device.startswith("cuda")

    def pick(self, small: int, full: int) -> int:
        """A size: the first, or the second at full size."""
        return full if self.full else small

    def pairs(self, usual: int) -> int:
        """How many pairs of runs to make where the case would make `usual`."""
        return self.repeats or usual

    def official_file(self, *places: str) -> Path:
        """A file of a published program.

        Args:
            *places: Where it lies in the repositories that have it.

        Raises:
            NotMeasuredError: If no given folder has it.
        """
        for folder in self.official:
            for place in places:
                if (folder / place).is_file():
                    return folder / place
        raise NotMeasuredError("not measured", fix=f"pass --official DIR, a clone with {places[0]}")


def need(module: str, extra: str) -> None:
    """Checks that a package is there.

    Raises:
        NotMeasuredError: If it is not.
    """
    if find_spec(module) is None:
        raise NotMeasuredError(
            f"the package {module} is missing", fix=f'pip install "openseg[{extra}]"'
        )
