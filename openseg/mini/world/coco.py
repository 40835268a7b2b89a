"""Scenes of a split in COCO's format, with the phrases that are true of each picture."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from openseg.mini.world.formats.scenes import Drawn, Order, write_scenes
from openseg.mini.world.phrases import absent_phrases, phrases
from openseg.mini.world.vocabulary import SEEN_PAIRS, UNSEEN_PAIRS

_ABSENT = 4


def write_coco(
    split: str, n: int, out: Path, width: int = 256, height: int = 256, seed: int = 0
) -> bool:
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
        seed: Which scenes of the split.

    Returns:
        Whether anything was written: False if the folder holds the same scenes already.

    Raises:
        UserError: If there is no such split, a number is out of range, or `out` cannot be
            written to.
        MissingExtraError: If the renderer is not installed.
    """
    order = Order("coco", split, n, seed, width, height)
    return write_scenes(order, out, "phrases.json", _phrases)


def _phrases(drawn: Sequence[Drawn]) -> bytes:
    sentences = []
    for one in drawn:
        scene = one.scene
        pairs = SEEN_PAIRS + UNSEEN_PAIRS if scene.split == "test_unseen" else SEEN_PAIRS
        absent = absent_phrases(scene.things, np.random.default_rng(scene.seed), _ABSENT, pairs)
        grounded = [(p.text, p.object_ids) for p in phrases(scene.things)]
        sentences += [
            {
                "image_id": one.image_id,
                "phrase": text,
                "ann_ids": [one.annotations[k]["id"] for k in ids],
            }
            for text, ids in [*grounded, *((text, ()) for text in absent)]
        ]
    return json.dumps(sentences).encode()
