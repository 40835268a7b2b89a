"""Read rendered stills of the mini rooms from the shards of one split.

A shard is four files with one number, written by `openseg.mini.rooms.shards`: pictures, instance
ids, parts and one JSON line a still. Arrays are memory-mapped; shards that appear while a model
trains are picked up by a rescan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.mini.rooms.records import Record, Seen
from openseg.mini.rooms.scene import Light, Room, Scene
from openseg.mini.rooms.sentences.meaning.sight import Seen as SightOfThing
from openseg.mini.rooms.sentences.meaning.sight import Sight
from openseg.types.errors import OpensegError, UserError


@dataclass(frozen=True)
class Still:
    """One rendered view.

    Attributes:
        image: sRGB uint8 [h, w, 3].
        ids: instance id map, uint8 [h, w]; walls, floor and ceiling have ids after the things'.
        parts: part map, uint8 [h, w]: a part's place in its category's parts plus one, or 0.
        record: its things, their looks and what is seen of them.
    """

    image: NDArray[np.uint8]
    ids: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    record: Record

    @property
    def things(self) -> tuple[Seen, ...]:
        """The things of which something is seen."""
        return tuple(seen for seen in self.record.seen if seen.pixels)

    def mask(self, seen: Seen, part: str | None = None) -> NDArray[np.bool_]:
        """Visible pixels of a thing or of one of its parts, bool [h, w]."""
        mask = self.ids == seen.thing.id
        if part is not None:
            mask &= self.parts == seen.thing.kind.parts.index(part) + 1
        return np.asarray(mask)

    @property
    def scene(self) -> Scene:
        """The scene as sentences need it: its things and camera in a bare room."""
        room = Room(self.record.layout, (0.0, 0.0, 0.0), (), (0, 0, 0))  # type: ignore[arg-type]
        things = tuple(seen.thing for seen in self.record.seen)
        return Scene(self.record.seed, "still", room, things, (self.record.camera,), _DARK)

    @property
    def sight(self) -> Sight:
        """What the picture shows, as sentences need it."""
        seen = tuple(
            SightOfThing(
                one.thing.id,
                one.box,
                one.visible,
                tuple(one.parts.get(part, 0) for part in one.thing.kind.parts),
            )
            for one in self.things
        )
        return Sight(self.record.camera, seen)


_DARK = Light((0, 0, 0), (0, 0, 1), 1.0, 0.0, (0, 0, 0), (0, 0, 0), 0.0, 0.0)


@dataclass(frozen=True)
class _Shard:
    images: NDArray[np.uint8]
    ids: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    lines: tuple[str, ...]


class Stills:
    """All stills of one split, indexed from 0 in the order of the shard numbers.

    Args:
        root: folder that holds one folder per split.
        split: ``train``, ``val``, ``test_seen`` or ``test_unseen``.

    Raises:
        UserError: no complete shard is there.
        OpensegError: a shard's files disagree in length.
    """

    def __init__(self, root: Path, split: str) -> None:
        self._folder = Path(root) / split
        self._shards: list[_Shard] = []
        self._names: set[str] = set()
        self._ends: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        if self.rescan() == 0:
            raise UserError(
                "no stills of the mini rooms (images_*.npy, things_*.jsonl)",
                where=str(self._folder),
                fix=f"render them: python -m openseg.mini.rooms --out {root}",
            )

    def rescan(self) -> int:
        """Open shards that appeared since the last look; returns the number of stills."""
        for lines in sorted(self._folder.glob("things_*.jsonl")):
            if lines.name not in self._names:
                self._shards.append(_open_shard(lines))
                self._names.add(lines.name)
        self._ends = np.cumsum([len(s.lines) for s in self._shards], dtype=np.int64)
        return len(self)

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._shards else 0

    def __getitem__(self, index: int) -> Still:
        if not 0 <= index < len(self):
            raise IndexError(f"still {index} of {len(self)}")
        at = int(np.searchsorted(self._ends, index, side="right"))
        shard = self._shards[at]
        row = index - (int(self._ends[at - 1]) if at else 0)
        return Still(shard.images[row], shard.ids[row], shard.parts[row], _parse(shard.lines[row]))

    def __iter__(self) -> Iterator[Still]:
        return (self[i] for i in range(len(self)))

    def first(self, count: int) -> list[Still]:
        """The first stills, at most `count`."""
        return [self[i] for i in range(min(count, len(self)))]

    def sample(self, step: int, size: int, seed: int) -> list[Still]:
        """Draw the stills of one training step.

        The draw depends only on the seed, the step and the number of stills, so a resumed run
        sees what an uninterrupted one would have seen.
        """
        rng = np.random.default_rng((seed, step))
        replace = size > len(self)
        return [self[int(i)] for i in rng.choice(len(self), size=size, replace=replace)]


_parse = lru_cache(maxsize=20_000)(Record.from_json)


def _open_shard(lines: Path) -> _Shard:
    names = (lines.name.replace("things", kind) for kind in ("images", "ids", "parts"))
    images, ids, parts = (
        np.load(lines.with_name(name).with_suffix(".npy"), mmap_mode="r") for name in names
    )
    records = tuple(lines.read_text("utf-8").splitlines())
    if not len(images) == len(ids) == len(parts) == len(records):
        raise OpensegError(
            f"{len(images)} pictures, {len(ids)} id maps, {len(parts)} part maps and "
            f"{len(records)} lines in one shard",
            where=str(lines),
            fix="delete this shard and render it again",
        )
    return _Shard(images, ids, parts, records)
