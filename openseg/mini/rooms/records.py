"""What is kept of a rendered still beside its pixels: one JSON line a scene."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from openseg.mini.rooms.layout import make_still
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scene import Camera, PartColour, Scene, Thing
from openseg.mini.rooms.splits import ATTEMPTS, Split, scene_seed
from openseg.types.errors import OpensegError

MIN_VISIBLE, MIN_CARRIER = 0.42, 0.15
"""Smallest visible shares of a thing, and of one that carries others, in a still."""

MIN_SIDES = (9 / 256, 18 / 256)
"""Smallest shorter and longer side of a thing's box, as shares of a still's side."""


@dataclass(frozen=True)
class Seen:
    """A thing as a picture shows it.

    Attributes:
        thing: The thing.
        box: Box xyxy around its visible pixels, right and bottom edges exclusive.
        visible: Visible share of its pixels.
        pixels: How many pixels show it.
        parts: Pixels of each part that shows, by name.
    """

    thing: Thing
    box: tuple[float, float, float, float]
    visible: float
    pixels: int
    parts: dict[str, int]


@dataclass(frozen=True)
class Record:
    """A rendered view: its seed, its camera, and its things in the order of their ids.

    Attributes:
        seed: Seed of the scene.
        layout: Layout of the scene.
        camera: The camera.
        seen: The things.
        surfaces: Names of the room's surfaces by instance id.
    """

    seed: int
    layout: str
    camera: Camera
    seen: tuple[Seen, ...]
    surfaces: dict[int, str]

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @staticmethod
    def from_json(line: str) -> "Record":
        """Reads what `to_json` wrote."""
        value = json.loads(line)
        seen = tuple(
            Seen(**{**entry, "thing": _thing(entry["thing"]), "box": tuple(entry["box"])})
            for entry in value["seen"]
        )
        eye = value["camera"]
        camera = Camera(
            **{**eye, "position": tuple(eye["position"]), "target": tuple(eye["target"])}
        )
        surfaces = {int(key): name for key, name in value["surfaces"].items()}
        return Record(value["seed"], value["layout"], camera, seen, surfaces)


def _thing(value: dict[str, Any]) -> Thing:
    lists = ("rgb", "position", "extent", "shape")
    accents = tuple(PartColour(a["part"], a["colour"], tuple(a["rgb"])) for a in value["accents"])
    return Thing(**{**value, **{key: tuple(value[key]) for key in lists}, "accents": accents})


def record(scene: Scene, view: View) -> Record:
    """The record of a view of a scene."""
    seen = []
    for thing, box, visible in zip(scene.things, view.boxes, view.visible, strict=True):
        x0, y0, x1, y1 = (float(edge) for edge in box)
        counts = np.bincount(view.parts[view.ids == thing.id], minlength=1)
        names = thing.kind.parts
        parts = {names[k - 1]: int(counts[k]) for k in range(1, len(counts)) if counts[k]}
        share = round(float(visible), 4)
        seen.append(Seen(thing, (x0, y0, x1, y1), share, int(counts.sum()), parts))
    surfaces: dict[int, str] = {s.id: s.category for s in scene.room.surfaces}
    return Record(scene.seed, scene.room.layout, view.camera, tuple(seen), surfaces)


def read_records(path: Path) -> list[Record]:
    """Reads a shard's `things_*.jsonl`."""
    return [Record.from_json(line) for line in path.read_text("utf-8").splitlines()]


def acceptable(scene: Scene, view: View) -> bool:
    """Whether everything in a still is large and visible enough to be asked for."""
    carriers = {thing.support for thing in scene.things}
    needed = [MIN_CARRIER if t.id in carriers else MIN_VISIBLE for t in scene.things]
    sides = np.sort(view.boxes[:, 2:] - view.boxes[:, :2], axis=1) / min(view.ids.shape)
    return bool(np.all(view.visible >= needed) and np.all(sides >= MIN_SIDES))


def sample_still(split: Split, index: int, renderer: Renderer) -> tuple[Scene, View]:
    """The still at a place in a split, rendered.

    Args:
        split: Name of the split.
        index: Place in the split.
        renderer: What draws it.

    Returns:
        The first of the place's scenes in which everything is large and visible enough.

    Raises:
        OpensegError: If none of them is.
    """
    for attempt in range(ATTEMPTS):
        scene = make_still(scene_seed(split, index, attempt))
        view = renderer.render(scene)
        if acceptable(scene, view):
            return scene, view
    raise OpensegError(
        f"none of {ATTEMPTS} stills shows all its things well enough",
        where=f"mini rooms, {split} still {index}",
        fix="take another index",
    )
