"""Renders the scenes of a split as pictures with COCO annotations, for every format of sentences.

`world.json` says what was ordered and whether all of it is there. An order that has been carried
out is not carried out again; one that was broken off is, from its beginning.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from openseg import __version__
from openseg.io.files import check_writable, write_atomic
from openseg.io.rle import RLE, encode_masks
from openseg.mini.world.records import record, sample
from openseg.mini.world.render import Renderer, View
from openseg.mini.world.scene import Scene
from openseg.mini.world.splits import SPLITS, Split
from openseg.mini.world.vocabulary import CATEGORIES
from openseg.types.errors import UserError

SEEDS = 1 << 16
"""How many seeds there are; each has scenes of its own in every split."""

MARK = "world.json"

_SCENES = 1 << 20  # of each seed


@dataclass(frozen=True)
class Order:
    """What is to be rendered.

    Attributes:
        kind: Name of the format.
        split: Name of the split.
        n: How many scenes.
        seed: Which scenes of the split, 0 <= seed < SEEDS.
        width: Width of the pictures in pixels.
        height: Height of the pictures in pixels.
    """

    kind: str
    split: str
    n: int
    seed: int = 0
    width: int = 256
    height: int = 256

    @property
    def known_split(self) -> Split:
        """The split, checked.

        Raises:
            UserError: If there is none of this name.
        """
        for split in SPLITS:
            if split == self.split:
                return split
        fix = f"give one of {', '.join(SPLITS)}"
        raise UserError(f"there is no split {self.split!r}", where="mini world", fix=fix)

    def check(self) -> None:
        """Raises a `UserError` if the order cannot be carried out."""
        _ = self.known_split
        for name, value, most in (
            ("n", self.n, _SCENES),
            ("width", self.width, None),
            ("height", self.height, None),
        ):
            if value < 1:
                raise UserError(f"{name} is {value}", where="mini world", fix="give 1 or more")
            if most and value > most:
                fix = f"give at most {most} and take another seed for more"
                raise UserError(f"{name} is {value}", where="mini world", fix=fix)
        if not 0 <= self.seed < SEEDS:
            fix = f"give 0 to {SEEDS - 1}"
            raise UserError(f"seed is {self.seed}", where="mini world", fix=fix)


class Drawn(NamedTuple):
    """A scene whose picture has been written.

    Attributes:
        image_id: Its id in `instances.json`.
        file_name: Name of the picture.
        scene: The scene.
        annotations: The annotation of each thing, by the thing's id.
    """

    image_id: int
    file_name: str
    scene: Scene
    annotations: Mapping[int, Mapping[str, Any]]


Parts = Callable[[RLE], Any]
Sentences = Callable[[Sequence[Drawn]], bytes]


def write_scenes(
    order: Order, out: Path, name: str, sentences: Sentences, segmentation: Parts = dict
) -> bool:
    """Renders scenes as `images/000000.png` and so on, `instances.json` and a file of sentences.

    Args:
        order: Which scenes.
        out: Folder to write into; made if it is not there.
        name: Name of the file of sentences. It is written last: without it the rest is no data set.
        sentences: Makes its content.
        segmentation: How the format holds a mask.

    Returns:
        Whether anything was written: False if the folder holds the order already.

    Raises:
        UserError: If there is no such split, a number is out of range, or `out` cannot be
            written to.
        MissingExtraError: If the renderer is not installed.
    """
    order.check()
    mark = {"openseg": __version__, **asdict(order), "sentences": name}
    if _standing(out, mark):
        return False
    check_writable(out)
    _write_mark(out, mark, complete=False)
    drawn = _draw(order, out, segmentation)
    instances = {
        "images": [
            {
                "id": one.image_id,
                "file_name": one.file_name,
                "width": order.width,
                "height": order.height,
            }
            for one in drawn
        ],
        "annotations": [annotation for one in drawn for annotation in one.annotations.values()],
        "categories": [{"id": c.scannet200_id, "name": c.name} for c in CATEGORIES],
    }
    write_atomic(out / "instances.json", json.dumps(instances).encode())
    write_atomic(out / name, sentences(drawn))
    _write_mark(out, mark, complete=True)
    return True


def _standing(out: Path, mark: Mapping[str, Any]) -> bool:
    """Whether the order has been carried out; what stands of another one loses its sentences."""
    try:
        found = json.loads((out / MARK).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return False
    complete = found.pop("complete")
    sentences = out / found["sentences"]
    if found == mark:
        return bool(complete) and sentences.exists()
    sentences.unlink(missing_ok=True)
    return False


def _write_mark(out: Path, mark: Mapping[str, Any], *, complete: bool) -> None:
    content = json.dumps({**mark, "complete": complete}, indent=1)
    write_atomic(out / MARK, content.encode())


def _draw(order: Order, out: Path, segmentation: Parts) -> list[Drawn]:
    renderer = Renderer(order.width, order.height)
    drawn: list[Drawn] = []
    next_id = 1  # 0 stands for "no match" in COCO's evaluator
    for image_id in range(order.n):
        place = order.seed * _SCENES + image_id
        scene, view = sample(order.known_split, place, renderer)
        name = f"{image_id:06d}.png"
        write_atomic(out / "images" / name, _png(view.image))
        annotations = _annotations(scene, view, image_id, next_id, segmentation)
        next_id += len(annotations)
        drawn.append(Drawn(image_id, name, scene, annotations))
    renderer.close()
    return drawn


def _annotations(
    scene: Scene, view: View, image_id: int, first: int, segmentation: Parts
) -> dict[int, dict[str, Any]]:
    masks = view.ids == np.array([t.id for t in scene.things], dtype=np.uint8)[:, None, None]
    annotations = {}
    for ann_id, (seen, rle) in enumerate(
        zip(record(scene, view).objects, encode_masks(masks), strict=True), start=first
    ):
        x0, y0, x1, y1 = seen.box
        annotations[seen.id] = {
            "id": ann_id,
            "image_id": image_id,
            "category_id": seen.scannet200_id,
            "bbox": [x0, y0, x1 - x0, y1 - y0],
            "area": int(np.count_nonzero(view.ids == seen.id)),
            "segmentation": segmentation(rle),
            "iscrowd": 0,
            "colour": seen.colour,
            "visible": seen.visible,
            "parts": seen.parts,
        }
    return annotations


def _png(image: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="png")
    return buffer.getvalue()
