"""What is kept of a rendered scene beside its pixels: one JSON line a scene."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from openseg.mini.world.generate import make_scene
from openseg.mini.world.render import Renderer, View
from openseg.mini.world.scene import Scene
from openseg.mini.world.splits import ATTEMPTS, Split, scene_seed
from openseg.mini.world.vocabulary import category
from openseg.types.errors import OpensegError


@dataclass(frozen=True)
class ObjectRecord:
    """An object as it is seen in its picture.

    Attributes:
        id: Value in the instance id map, from 1.
        category: Category name.
        scannet200_id: Label id of the category in ScanNet200.
        colour: Colour name.
        box: Box xyxy around the visible pixels, right and bottom edges exclusive.
        visible: Visible share of the object's pixels.
        parts: Names of its parts.
    """

    id: int
    category: str
    scannet200_id: int
    colour: str
    box: tuple[float, float, float, float]
    visible: float
    parts: tuple[str, ...]


@dataclass(frozen=True)
class SceneRecord:
    """A rendered scene's seed and objects, in the order of their ids."""

    seed: int
    objects: tuple[ObjectRecord, ...]

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(line: str) -> "SceneRecord":
        """Reads what `to_json` wrote."""
        value = json.loads(line)
        objects = tuple(
            ObjectRecord(**{**entry, "box": tuple(entry["box"]), "parts": tuple(entry["parts"])})
            for entry in value["objects"]
        )
        return SceneRecord(value["seed"], objects)


def record(scene: Scene, view: View) -> SceneRecord:
    """The record of a rendered scene."""
    objects = []
    for thing, box, visible in zip(scene.things, view.boxes, view.visible, strict=True):
        x0, y0, x1, y1 = (float(edge) for edge in box)
        kind = category(thing.category)
        objects.append(
            ObjectRecord(
                id=thing.id,
                category=thing.category,
                scannet200_id=kind.scannet200_id,
                colour=thing.colour,
                box=(x0, y0, x1, y1),
                visible=round(float(visible), 4),
                parts=kind.parts,
            )
        )
    return SceneRecord(scene.seed, tuple(objects))


def read_records(path: Path) -> list[SceneRecord]:
    """Reads a shard's `objects_*.jsonl`."""
    return [SceneRecord.from_json(line) for line in path.read_text("utf-8").splitlines()]


def sample(split: Split, index: int, renderer: Renderer) -> tuple[Scene, View]:
    """The scene at a place in a split, rendered.

    Args:
        split: Name of the split.
        index: Place in the split.
        renderer: What draws it.

    Returns:
        The first of the place's scenes in which everything is large and visible enough.

    Raises:
        OpensegError: If none of them is, which no index tried so far has shown.
    """
    for attempt in range(ATTEMPTS):
        scene = make_scene(scene_seed(split, index, attempt))
        view = renderer.render(scene)
        if view.acceptable:
            return scene, view
    raise OpensegError(
        f"none of {ATTEMPTS} scenes shows all its objects well enough",
        where=f"mini world, {split} scene {index}",
        fix="take another index",
    )
