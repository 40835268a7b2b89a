"""Runs that were made on this server, found again by the id in a page's address."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import PurePath
from typing import Any

from openseg.api.result import Result
from openseg.graph.events import Timings
from openseg_ui.server.images import Photo

Point = tuple[float, ...]


@dataclass(frozen=True)
class Prompts:
    """What was clicked and drawn on an image, in its pixels.

    Attributes:
        points: Points `(x, y)`, each inside a thing of its own.
        boxes: Boxes `(left, top, right, bottom)`, each around a thing.
        scribbles: Strokes of points, each inside a thing of its own.
        negative_points: Points outside of the things of all points and scribbles.
    """

    points: tuple[Point, ...] = ()
    boxes: tuple[Point, ...] = ()
    scribbles: tuple[tuple[Point, ...], ...] = ()
    negative_points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a run was asked to do; equal questions are the same run.

    Attributes:
        method: Name of the method.
        weights: Profile or folder.
        sets: Settings changed, each `node.key=value`.
        text: The words, or None.
        image: Digest of the image.
        image_name: What the image is called.
        prompts: What was clicked and drawn.
        yaml: The method as it was written in the browser; empty for a shipped one.
    """

    method: str
    weights: str
    sets: tuple[str, ...]
    text: str | None
    image: str
    image_name: str
    prompts: Prompts = field(default_factory=Prompts)
    yaml: str = ""


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        asked: What was asked.
        photo: The image.
        result: What was found, with every value that flowed.
        timings: What it cost.
        id: Stands in addresses; cannot be guessed.
    """

    asked: Asked
    photo: Photo
    result: Result
    timings: Timings
    id: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    @property
    def title(self) -> str:
        """What tells it from other runs in a few words: method, weights, changed settings."""
        asked = self.asked
        weights = f", {PurePath(asked.weights).name}" if asked.weights != "mini" else ""
        return f"{asked.method}{weights}{''.join(f', {one}' for one in asked.sets)}"

    @property
    def seconds(self) -> dict[str, float]:
        """Wall time of each node."""
        return {name: node.seconds for name, node in self.timings.nodes.items()}


class Runs:
    """The runs of a server; the ones not looked at for longest are forgotten first.

    Args:
        max_bytes: How much memory their values may take; the newest run is kept in any case.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._kept: OrderedDict[str, tuple[Run, int]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, run: Run) -> Run:
        """Keeps a run, and forgets others if it does not fit beside them."""
        with self._lock:
            self._kept[run.id] = (run, _bytes(run.result.values))
            while len(self._kept) > 1 and self.size() > self.max_bytes:
                self._kept.popitem(last=False)
        return run

    def find(self, id_: str) -> Run | None:
        """The run of that id, unless it was forgotten."""
        with self._lock:
            if id_ not in self._kept:
                return None
            self._kept.move_to_end(id_)
            return self._kept[id_][0]

    def size(self) -> int:
        """Bytes of all values."""
        return sum(size for _, size in self._kept.values())


def _bytes(value: Any) -> int:
    """Bytes of all tensors in a value."""
    if hasattr(value, "nbytes"):
        return int(value.nbytes)
    if isinstance(value, Mapping):
        return sum(_bytes(one) for one in value.values())
    if is_dataclass(value):
        return sum(_bytes(getattr(value, one.name)) for one in fields(value))
    return 0
