"""Scenes of a split in COCO's format, with the phrases that are true of each picture."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from openseg.io.files import check_writable, write_atomic
from openseg.io.rle import encode_masks
from openseg.mini.world.phrases import absent_phrases, phrases
from openseg.mini.world.records import record, sample
from openseg.mini.world.render import Renderer
from openseg.mini.world.splits import SPLITS, Split
from openseg.mini.world.vocabulary import CATEGORIES, SEEN_PAIRS, UNSEEN_PAIRS
from openseg.types.errors import UserError

_ABSENT = 4


def write_coco(split: str, n: int, out: Path, width: int = 256, height: int = 256) -> None:
    """Renders the first scenes of a split as pictures with ground truth.

    Writes `images/000000.png` and so on, `instances.json` in COCO's format (category ids are
    ScanNet200's; each annotation also has `colour`, `visible` and `parts`), and `phrases.json`, a
    list of `{"image_id", "phrase", "ann_ids"}` whose `ann_ids` are all objects that the phrase is
    true of, none for a phrase that is absent.

    Args:
        split: Name of the split.
        n: How many scenes.
        out: Folder to write into; made if it is not there.
        width: Width of the pictures in pixels.
        height: Height of the pictures in pixels.

    Raises:
        UserError: If there is no such split, `n` or a side is below 1, or `out` cannot be
            written to.
        MissingExtraError: If the renderer is not installed.
    """
    known = _split(split)
    for name, value in (("n", n), ("width", width), ("height", height)):
        if value < 1:
            raise UserError(f"{name} is {value}", where="mini world", fix="give 1 or more")
    check_writable(out)
    renderer = Renderer(width, height)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    sentences: list[dict[str, Any]] = []
    for image_id in range(n):
        scene, view = sample(known, image_id, renderer)
        name = f"{image_id:06d}.png"
        images.append({"id": image_id, "file_name": name, "width": width, "height": height})
        write_atomic(out / "images" / name, _png(view.image))
        ann_ids: dict[int, int] = {}
        masks = view.ids == np.array([t.id for t in scene.things], dtype=np.uint8)[:, None, None]
        for seen, rle in zip(record(scene, view).objects, encode_masks(masks), strict=True):
            x0, y0, x1, y1 = seen.box
            ann_ids[seen.id] = len(annotations) + 1  # 0 stands for "no match" in COCO's evaluator
            annotations.append(
                {
                    "id": ann_ids[seen.id],
                    "image_id": image_id,
                    "category_id": seen.scannet200_id,
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "area": int(np.count_nonzero(view.ids == seen.id)),
                    "segmentation": rle,
                    "iscrowd": 0,
                    "colour": seen.colour,
                    "visible": seen.visible,
                    "parts": seen.parts,
                }
            )
        pairs = SEEN_PAIRS + UNSEEN_PAIRS if known == "test_unseen" else SEEN_PAIRS
        absent = absent_phrases(scene.things, np.random.default_rng(scene.seed), _ABSENT, pairs)
        grounded = [(p.text, p.object_ids) for p in phrases(scene.things)]
        sentences += [
            {"image_id": image_id, "phrase": text, "ann_ids": [ann_ids[k] for k in ids]}
            for text, ids in [*grounded, *((text, ()) for text in absent)]
        ]
    renderer.close()
    categories = [{"id": c.scannet200_id, "name": c.name} for c in CATEGORIES]
    instances = {"images": images, "annotations": annotations, "categories": categories}
    write_atomic(out / "instances.json", json.dumps(instances).encode())
    write_atomic(out / "phrases.json", json.dumps(sentences).encode())


def _split(name: str) -> Split:
    for split in SPLITS:
        if split == name:
            return split
    raise UserError(
        f"there is no split {name!r}", where="mini world", fix=f"give one of {', '.join(SPLITS)}"
    )


def _png(image: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="png")
    return buffer.getvalue()
