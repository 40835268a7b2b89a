"""Views of walks through rooms on disk, for what is learnt and measured across views.

Each room is one shard in the layout of the stills (`stills.Stills` reads it), with a subset of its
walk's cameras; a room whose `things_*.jsonl` is there is never rendered again.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from openseg.io.files import check_writable
from openseg.mini.recipes.stills import Stills
from openseg.mini.rooms.layout import make_room
from openseg.mini.rooms.layout.walk import HEIGHT, WIDTH
from openseg.mini.rooms.records import Seen, record
from openseg.mini.rooms.render import Renderer
from openseg.mini.rooms.splits import Split, scene_seed
from openseg.mini.rooms.vocabulary import Material

VIEWS = 12
"""Cameras of a walk that are drawn, evenly over the walk."""

MIN_VISIBLE, MIN_PIXELS, MIN_SIDE = 0.6, 200, 14
"""A view shows a thing well from this visible share, so many pixels and this side on."""


@dataclass(frozen=True)
class Walk:
    """A room to render.

    Attributes:
        split: Name of the split.
        number: Which room of the split.
        out: Folder that holds a folder per split.
    """

    split: Split
    number: int
    out: Path

    def path(self, kind: str, suffix: str) -> Path:
        """Where one of its files lies: `out/split/kind_000.suffix`."""
        return self.out / self.split / f"{kind}_{self.number:03d}.{suffix}"


def write_walks(walks: Sequence[Walk], processes: int = 1) -> None:
    """Renders and writes rooms; complete ones are skipped.

    Raises:
        MissingExtraError: If the renderer is not installed.
        UserError: If a folder cannot be written to.
    """
    for folder in {walk.out for walk in walks}:
        check_writable(folder)
    waiting = [walk for walk in walks if not walk.path("things", "jsonl").exists()]
    if waiting:
        # VTK's state does not survive a fork.
        with multiprocessing.get_context("spawn").Pool(processes, _one_core) as pool:
            for _ in pool.imap_unordered(_write, waiting):
                pass


def _one_core() -> None:
    os.environ.setdefault("LP_NUM_THREADS", "1")


_renderers: list[Renderer] = []


def _write(walk: Walk) -> None:
    if not _renderers:
        _renderers.append(Renderer(WIDTH, HEIGHT))
    write_walk(walk, _renderers[0])


def write_walk(walk: Walk, renderer: Renderer) -> None:
    """Renders and writes one room.

    Args:
        walk: The room.
        renderer: Draws pictures of a walk's size.
    """
    scene = make_room(scene_seed(walk.split, walk.number))
    kept = np.unique(np.linspace(0, len(scene.cameras) - 1, VIEWS).round().astype(int))
    scene = replace(scene, cameras=tuple(scene.cameras[k] for k in kept))
    views = list(renderer.walk(scene))
    walk.path("images", "npy").parent.mkdir(parents=True, exist_ok=True)
    np.save(walk.path("images", "npy"), np.stack([view.image for view in views]))
    np.save(walk.path("ids", "npy"), np.stack([view.ids for view in views]).astype(np.uint8))
    np.save(walk.path("parts", "npy"), np.stack([view.parts for view in views]))
    lines = "".join(record(scene, view).to_json() + "\n" for view in views)
    part = walk.path("things", "jsonl.part")
    part.write_text(lines, "utf-8")
    part.replace(walk.path("things", "jsonl"))


@dataclass(frozen=True)
class Track:
    """A thing and the views that show it well.

    Attributes:
        room: Seed of its room.
        look: Category, colour, material and accents: things of one look cannot be told apart.
        views: Index of each view, and what it shows of the thing.
    """

    room: int
    look: tuple[str, str, Material, tuple[tuple[str, str], ...]]
    views: tuple[tuple[int, Seen], ...]


def tracks(views: Stills) -> list[Track]:
    """The things that at least two views of their room show well."""
    found: dict[tuple[int, int], list[tuple[int, Seen]]] = {}
    for index in range(len(views)):
        still = views[index]
        for seen in still.things:
            if _well_seen(seen):
                key = still.record.seed, seen.thing.id
                found.setdefault(key, []).append((index, seen))
    return [
        Track(room, _look(some[0][1]), tuple(some))
        for (room, _), some in found.items()
        if len(some) >= 2
    ]


def _well_seen(seen: Seen) -> bool:
    x0, y0, x1, y1 = seen.box
    large = seen.pixels >= MIN_PIXELS and min(x1 - x0, y1 - y0) >= MIN_SIDE
    return seen.visible >= MIN_VISIBLE and large


def _look(seen: Seen) -> tuple[str, str, Material, tuple[tuple[str, str], ...]]:
    thing = seen.thing
    accents = tuple((accent.part, accent.colour) for accent in thing.accents)
    return thing.category, thing.colour, thing.material, accents
