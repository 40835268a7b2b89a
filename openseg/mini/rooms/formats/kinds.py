"""The kinds of data that `openseg world make` can write, by name."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from openseg.mini.rooms.formats.making import Format, Report, carry_out
from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.formats.scenes.replica import REPLICA
from openseg.mini.rooms.formats.scenes.scannet import SCANNET
from openseg.mini.rooms.formats.stills.coco import COCO
from openseg.mini.rooms.formats.stills.refer import GREFCOCO, PARTS, REFCOCO
from openseg.types.errors import UserError

FORMATS: Mapping[str, Format] = {
    "rooms": SCANNET,
    "rooms-replica": REPLICA,
    "rooms-coco": COCO,
    "rooms-refcoco": REFCOCO,
    "rooms-grefcoco": GREFCOCO,
    "rooms-parts": PARTS,
}
"""Formats by the name of a kind."""


def make(
    kind: str,
    split: str,
    n: int,
    out: Path,
    width: int | None = None,
    height: int | None = None,
    seed: int = 0,
    processes: int = 1,
    report: Report | None = None,
) -> bool:
    """Renders the first scenes of a split and seed in a format, unless the folder holds them.

    A run that was stopped goes on where it was; a piece that was half written is written again.
    Equal orders give equal bytes.

    Args:
        kind: A key of `FORMATS`.
        split: `train`, `val`, `test_seen` or `test_unseen`.
        n: How many scenes.
        out: Folder to write into; made if it is not there. What another order wrote there goes.
        width: Width of the pictures in pixels; None for the format's own.
        height: Height of the pictures in pixels; None for the format's own.
        seed: Which scenes of the split: each seed has its own.
        processes: How many processes render at the same time, one core each.
        report: Is told how many scenes and objects are there, of how many.

    Returns:
        Whether anything was written.

    Raises:
        UserError: If there is no such kind or split, a number is out of range, or `out` cannot be
            written to.
        MissingExtraError: If the renderer is not installed.
        OpensegError: If a rendering process dies.
    """
    if kind not in FORMATS:
        near = get_close_matches(kind, FORMATS, n=1)
        fix = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(FORMATS)}"
        raise UserError(f"the mini rooms have no data {kind!r}", fix=fix)
    form = FORMATS[kind]
    own_width, own_height = form.size
    size = own_width if width is None else width, own_height if height is None else height
    order = Order(kind, split, n, seed, *size)
    return carry_out(order, form, out, processes, report)
