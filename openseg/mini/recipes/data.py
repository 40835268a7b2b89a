"""Read rendered mini scenes from the shards of one split.

A shard is three files with one number: ``images_000.npy`` (uint8 [n, 256, 256, 3]),
``ids_000.npy`` (uint8 [n, 256, 256], 0 = background) and ``objects_000.jsonl`` (one line a scene).
The arrays are memory-mapped; shards that appear while a model trains are picked up by a rescan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import OpensegError, UserError


@dataclass(frozen=True)
class SceneObject:
    """One visible object of a scene.

    Attributes:
        id: value of its pixels in the scene's id image.
        category: noun, e.g. ``"mug"``.
        colour: adjective, e.g. ``"red"``.
        box: xyxy in pixels, tight around the visible pixels.
        visible: visible fraction of the object's pixels, 0 to 1.
    """

    id: int
    category: str
    colour: str
    box: tuple[float, float, float, float]
    visible: float

    @property
    def pair(self) -> tuple[str, str]:
        """Colour and category, the unit that the unseen split holds out."""
        return self.colour, self.category


@dataclass(frozen=True)
class Scene:
    """One rendered view: ``image`` uint8 [h, w, 3], ``ids`` uint8 [h, w] and its objects."""

    image: NDArray[np.uint8]
    ids: NDArray[np.uint8]
    objects: tuple[SceneObject, ...]

    def mask(self, item: SceneObject) -> NDArray[np.bool_]:
        """Visible pixels of one object, bool [h, w]."""
        return np.asarray(self.ids == item.id)


@dataclass(frozen=True)
class _Shard:
    images: NDArray[np.uint8]
    ids: NDArray[np.uint8]
    records: tuple[dict[str, Any], ...]


class SceneShards:
    """All scenes of one split, indexed from 0 in the order of the shard numbers.

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
                "no mini scenes (images_*.npy, ids_*.npy, objects_*.jsonl)",
                where=str(self._folder),
                fix="render this split first, or name the folder that holds the splits",
            )

    def rescan(self) -> int:
        """Open shards that appeared since the last look; returns the number of scenes."""
        for lines in sorted(self._folder.glob("objects_*.jsonl")):
            images, ids = (
                lines.with_name(lines.name.replace("objects", name)).with_suffix(".npy")
                for name in ("images", "ids")
            )
            if lines.name in self._names or not (images.exists() and ids.exists()):
                continue
            self._shards.append(_open_shard(images, ids, lines))
            self._names.add(lines.name)
        self._ends = np.cumsum([len(s.records) for s in self._shards], dtype=np.int64)
        return len(self)

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._shards else 0

    def __getitem__(self, index: int) -> Scene:
        if not 0 <= index < len(self):
            raise IndexError(f"scene {index} of {len(self)}")
        at = int(np.searchsorted(self._ends, index, side="right"))
        shard = self._shards[at]
        row = index - (int(self._ends[at - 1]) if at else 0)
        return Scene(shard.images[row], shard.ids[row], _parse(shard.records[row]))

    def __iter__(self) -> Iterator[Scene]:
        return (self[i] for i in range(len(self)))

    def sample(self, step: int, size: int, seed: int) -> list[Scene]:
        """Draw the scenes of one training step.

        The draw depends only on the seed, the step and the number of scenes, so a resumed run
        sees what an uninterrupted one would have seen.
        """
        rng = np.random.default_rng((seed, step))
        replace = size > len(self)
        return [self[int(i)] for i in rng.choice(len(self), size=size, replace=replace)]


def _open_shard(images: Path, ids: Path, lines: Path) -> _Shard:
    pixels = np.load(images, mmap_mode="r")
    labels = np.load(ids, mmap_mode="r")
    records = tuple(json.loads(line) for line in lines.read_text("utf-8").splitlines())
    if not len(pixels) == len(labels) == len(records):
        raise OpensegError(
            f"{len(pixels)} images, {len(labels)} id images and {len(records)} lines in one shard",
            where=str(lines),
            fix="delete this shard and render it again",
        )
    return _Shard(pixels, labels, records)


def _parse(record: dict[str, Any]) -> tuple[SceneObject, ...]:
    return tuple(
        SceneObject(
            id=int(o["id"]),
            category=o["category"],
            colour=o["colour"],
            box=(float(o["box"][0]), float(o["box"][1]), float(o["box"][2]), float(o["box"][3])),
            visible=float(o["visible"]),
        )
        for o in record["objects"]
    )
