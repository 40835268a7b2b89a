"""The kinds of data that `openseg world make` can write, by name; each is a benchmark's format."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Protocol

from openseg.mini.rooms.formats.making import Format, Report, carry_out
from openseg.mini.rooms.formats.objects.bop import BOP
from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.formats.scenes.replica import REPLICA
from openseg.mini.rooms.formats.scenes.scannet import SCANNET
from openseg.mini.rooms.formats.stills.coco import COCO
from openseg.mini.rooms.formats.stills.refer import GREFCOCO, PARTS, REFCOCO
from openseg.types.errors import UserError

FORMATS: Mapping[str, Format] = {
    "rooms": SCANNET,
    "replica": REPLICA,
    "coco": COCO,
    "refcoco": REFCOCO,
    "grefcoco": GREFCOCO,
    "parts": PARTS,
    "bop": BOP,
}
"""Formats by the name of a kind."""

KINDS: tuple[str, ...] = tuple(FORMATS)
"""Names of all kinds."""


class Writer(Protocol):
    """Writes scenes with ground truth in one format."""

    def __call__(
        self,
        split: str,
        n: int,
        out: Path,
        width: int | None = None,
        height: int | None = None,
        seed: int = 0,
        *,
        processes: int = 1,
        report: Report | None = None,
    ) -> bool:
        """Renders the first scenes of a split and seed, unless the folder holds them.

        A run that was stopped goes on where it was; what was half written is written again. Equal
        arguments give equal bytes.

        Args:
            split: `train`, `val`, `test_seen` or `test_unseen`.
            n: How many scenes.
            out: Folder to write into; made if it is not there. What else was made there goes.
            width: Width of the pictures in pixels; None for the format's own.
            height: Height of the pictures in pixels; None for the format's own.
            seed: Which scenes of the split: each seed has its own.
            processes: How many processes render at the same time, one core each.
            report: Is told how many scenes and objects are there, of how many.

        Returns:
            Whether anything was written.

        Raises:
            UserError: If there is no such split, a number is out of range, or `out` cannot be
                written to.
            MissingExtraError: If the renderer is not installed.
            OpensegError: If a rendering process dies.
        """


def find_writer(kind: str) -> Writer:
    """The writer of a kind of data; it can be sent to another process.

    Raises:
        UserError: If there is none; with the nearest name.
    """
    if kind in FORMATS:
        return partial(_write, kind)
    near = get_close_matches(kind, KINDS, n=1)
    fix = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(KINDS)}"
    raise UserError(f"the mini world has no data {kind!r}", fix=fix)


def _write(
    kind: str,
    split: str,
    n: int,
    out: Path,
    width: int | None = None,
    height: int | None = None,
    seed: int = 0,
    *,
    processes: int = 1,
    report: Report | None = None,
) -> bool:
    form = FORMATS[kind]
    own_width, own_height = form.size
    size = own_width if width is None else width, own_height if height is None else height
    return carry_out(Order(kind, split, n, seed, *size), form, out, processes, report)
