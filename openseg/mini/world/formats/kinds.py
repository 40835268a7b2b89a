"""The kinds of data the mini world can write, by the name of the benchmark they look like."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

from openseg.mini.world.coco import write_coco
from openseg.mini.world.formats.refer import write_grefer, write_refer
from openseg.types.errors import UserError


class Writer(Protocol):
    """Writes scenes with ground truth in one format."""

    def __call__(
        self, split: str, n: int, out: Path, width: int = 256, height: int = 256, seed: int = 0
    ) -> bool:
        """Renders the first `n` scenes of a split and seed, unless the folder holds them.

        Returns:
            Whether anything was written.

        Raises:
            UserError: If there is no such split, a number is out of range, or `out` cannot be
                written to.
            MissingExtraError: If the renderer is not installed.
        """


WRITERS: Mapping[str, Writer] = {
    "coco": write_coco,
    "grefcoco": write_grefer,
    "refcoco": write_refer,
}


def find_writer(kind: str) -> Writer:
    """The writer of a kind of data.

    Raises:
        UserError: If there is none; with the nearest name.
    """
    if kind not in WRITERS:
        near = get_close_matches(kind, WRITERS, n=1)
        fix = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(WRITERS)}"
        raise UserError(f"the mini world has no data {kind!r}", fix=fix)
    return WRITERS[kind]
