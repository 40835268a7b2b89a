"""Scenes of a split as RefCOCO and gRefCOCO publish theirs: refs and instances.

Masks are lists of one run-length encoding each, which official readers take besides polygons and
which is exact. Each sentence has `tags`: its `construction`, and whether its `pair` is held out.
"""

import json
import pickle
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from openseg.io.rle import RLE
from openseg.mini.world.formats.expressions import (
    Expression,
    general_expressions,
    single_expressions,
)
from openseg.mini.world.formats.scenes import Drawn, Order, write_scenes

_PROTOCOL = 2  # what RefCOCO's own files are written in


def write_refer(
    split: str, n: int, out: Path, width: int = 256, height: int = 256, seed: int = 0
) -> bool:
    """Renders scenes with expressions that mean one object each, at most four a scene.

    Writes `images/000000.png` and so on, `instances.json` and, last, `refs(unc).p`. Each object
    that is asked for is one referral with all its sentences.

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
    order = Order("refcoco", split, n, seed, width, height)
    return write_scenes(order, out, "refs(unc).p", _refs, _parts)


def write_grefer(
    split: str, n: int, out: Path, width: int = 256, height: int = 256, seed: int = 0
) -> bool:
    """Renders scenes with expressions that mean one object, several or none, at most five a scene.

    Writes what `write_refer` writes, with `grefs(unc).json` in the place of the refs; see there.
    """
    order = Order("grefcoco", split, n, seed, width, height)
    return write_scenes(order, out, "grefs(unc).json", _grefs, _parts)


def _refs(drawn: Sequence[Drawn]) -> bytes:
    refs: list[dict[str, Any]] = []
    sent_ids = count()
    for one in drawn:
        asked: dict[tuple[int, ...], list[Expression]] = {}
        for expression in single_expressions(one.scene):
            asked.setdefault(expression.object_ids, []).append(expression)
        for (thing_id,), expressions in sorted(asked.items()):
            annotation = one.annotations[thing_id]
            refs.append(
                _referral(len(refs), one, expressions, sent_ids)
                | {"ann_id": annotation["id"], "category_id": annotation["category_id"]}
            )
    return pickle.dumps(refs, protocol=_PROTOCOL)


def _grefs(drawn: Sequence[Drawn]) -> bytes:
    refs: list[dict[str, Any]] = []
    sent_ids = count()
    for one in drawn:
        for expression in general_expressions(one.scene):
            targets = [one.annotations[k] for k in expression.object_ids]
            refs.append(
                _referral(len(refs), one, [expression], sent_ids)
                | {
                    "ann_id": [target["id"] for target in targets] or [-1],
                    "category_id": [target["category_id"] for target in targets] or [-1],
                }
            )
    return json.dumps(refs).encode()


def _referral(
    ref_id: int, one: Drawn, expressions: Sequence[Expression], sent_ids: "count[int]"
) -> dict[str, Any]:
    sentences = [
        {
            "sent_id": next(sent_ids),
            "raw": expression.text,
            "sent": expression.text,
            "tokens": expression.text.split(),
            "tags": {"construction": expression.construction, "pair": expression.pair},
        }
        for expression in expressions
    ]
    return {
        "ref_id": ref_id,
        "image_id": one.image_id,
        "file_name": one.file_name,
        "split": one.scene.split,
        "sent_ids": [sentence["sent_id"] for sentence in sentences],
        "sentences": sentences,
    }


def _parts(rle: RLE) -> list[RLE]:
    return [rle]
