"""The one loop that renders: pieces in any order, by several processes, each written once.

VTK's libraries cannot live in one process with torch's compiler and do not survive a fork, so every
renderer has a fresh process, even a single one.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from openseg import __version__
from openseg.io.files import check_writable
from openseg.mini.rooms.formats.ledger import Files, Ledger
from openseg.mini.rooms.formats.order import WHERE, Order
from openseg.mini.rooms.render import Renderer
from openseg.types.errors import OpensegError, UserError


class Piece(Protocol):
    """What is rendered and written by itself: a scene or an object. It travels to a process."""

    @property
    def name(self) -> str:
        """Unique in the order; what is called so looks the same in every order of the kind."""

    def write(self, renderer: Renderer, files: Files) -> Any:
        """Renders it and writes its files.

        Args:
            renderer: Draws pictures of the order's size.
            files: Writes them.

        Returns:
            What `gather` needs of it, as JSON.
        """


@dataclass(frozen=True)
class Format:
    """A kind of data.

    Attributes:
        about: What it writes, in a few words.
        size: Width and height of its pictures in pixels if nothing is said.
        pieces: The pieces of an order.
        gather: Writes the files that are about all pieces, from what each said of itself.
    """

    about: str
    size: tuple[int, int]
    pieces: Callable[[Order], Sequence[Piece]]
    gather: Callable[[Order, Sequence[Any], Files], None]


Report = Callable[[int, int], None]
"""Is told how many pieces are there, of how many."""


def carry_out(
    order: Order, form: Format, out: Path, processes: int = 1, report: Report | None = None
) -> bool:
    """Makes what is ordered; pieces that stand already are left as they are.

    Args:
        order: What to make.
        form: How.
        out: Folder to write into; made if it is not there. What another order wrote there goes.
        processes: How many processes render at the same time, one core each.
        report: Is told of every piece.

    Returns:
        Whether anything was written: False if the folder holds the order already.

    Raises:
        UserError: If the order or the number of processes is impossible, or `out` cannot be
            written to.
        MissingExtraError: If the renderer is not installed.
        OpensegError: If a process dies.
    """
    order.check()
    if processes < 1:
        raise UserError(f"processes is {processes}", where=WHERE, fix="give 1 or more")
    ledger = Ledger(out)
    pieces = form.pieces(order)
    names = [piece.name for piece in pieces]
    wanted = {"openseg": __version__, **asdict(order)}
    found = ledger.mark()
    alike = all(found.get(key) == value for key, value in wanted.items() if key != "n")
    left = [piece for piece in pieces if not (alike and ledger.holds(piece.name))]
    same = alike and found["n"] == order.n and found["complete"]
    if same and not left and ledger.exist(found["files"]):
        return False
    check_writable(out)
    ledger.keep_only(names if alike else ())
    ledger.remove(found.get("files", ()))
    ledger.write_mark(wanted)
    _render(left, len(pieces), order.size, out, processes, report)
    files = Files(out)
    form.gather(order, [ledger.data(name) for name in names], files)
    ledger.write_mark(wanted, files)
    return True


def _render(
    left: Sequence[Piece],
    total: int,
    size: tuple[int, int],
    out: Path,
    processes: int,
    report: Report | None,
) -> None:
    if not left:
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(processes, len(left)), context, initializer=_begin)
    try:
        waiting = [pool.submit(_write, piece, size, out) for piece in left]
        for done, one in enumerate(as_completed(waiting), total - len(left) + 1):
            one.result()
            if report:
                report(done, total)
    except BrokenProcessPool as error:
        fix = "is there enough memory? what is finished is kept, run it again"
        raise OpensegError("a rendering process died", where=WHERE, fix=fix) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """A process's own start: one core, stopped by its parent and not by the keyboard."""
    os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa's software renderer
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


_renderers: dict[tuple[int, int], Renderer] = {}


def _write(piece: Piece, size: tuple[int, int], out: Path) -> None:
    if size not in _renderers:
        _renderers[size] = Renderer(*size)
    files = Files(out)
    Ledger(out).enter(piece.name, files, piece.write(_renderers[size], files))
