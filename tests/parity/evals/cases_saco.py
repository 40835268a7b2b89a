"""SA-Co cases on which the official cgF1 was run: three annotators who disagree.

Among the pairs: nothing there and nothing, or something, predicted; nothing predicted; duplicates;
scores on the threshold; IoU on a threshold; single pixels; empty masks; crowds only; pairs that
some annotator did not finish; annotators who see nothing, everything, or the same.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

from tests.parity.evals.cases import SIZE, blob, encoded, polygon, shifted

ANNOTATORS = ("a", "b", "c")
PAIRS = 60


def pairs(folder: Path) -> None:
    """`truth/gold_toy_merged_{a,b,c}.json`, `predictions.json`, `none.json`."""
    random = np.random.default_rng(23)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    images = [
        {"id": 10_000_000 + n, "file_name": f"{n // 3}.jpg", "text_input": f"thing {n % 3}"}
        | {"height": SIZE[0], "width": SIZE[1], "is_pixel_exhaustive": 1}
        for n in range(PAIRS)
    ]
    scenes = [_objects(random, n) for n in range(PAIRS)]
    for place, name in enumerate(ANNOTATORS):
        shown = [
            {**one, "is_instance_exhaustive": int((n, place) not in {(7, 0), (8, 1), (9, 2)})}
            for n, one in enumerate(images)
        ]
        annotations = []
        for n, masks in enumerate(scenes):
            for one in _seen(random, masks, n, place):
                annotations.append({**one, "id": len(annotations) + 1, "image_id": images[n]["id"]})
        truth = {"images": shown, "annotations": annotations}
        truth["categories"] = [{"id": 1, "name": "object"}]
        (folder / "truth" / f"gold_toy_merged_{name}.json").write_text(json.dumps(truth))
    results = [
        {"image_id": images[n]["id"], "category_id": 1, **one}
        for n, masks in enumerate(scenes)
        for one in _guesses(random, masks, n)
    ]
    order = random.permutation(len(results))
    (folder / "predictions.json").write_text(json.dumps([results[one] for one in order]))
    (folder / "none.json").write_text("[]")


def _objects(random, n):
    if n % 4 == 0:
        return []
    if n == 5:  # IoU exactly on 0.5 and 0.75 with what is predicted
        return [_bar(0, 1), _bar(2, 3)]
    return [blob(random) for _ in range(1 + n % 5)]


def _bar(row, length):
    mask = np.zeros(SIZE, bool)
    mask[row, :length] = True
    return mask


def _seen(random, masks, n, place):
    """What an annotator draws: everything, a part, moved, nothing, or something else."""
    drawn = list(masks)
    if n == 11:
        drawn = drawn if place == 1 else []
    elif n == 12:  # nothing there, but for the second
        drawn = [blob(random)] if place == 1 else []
    elif n not in {5, 13} and place:
        drawn = [shifted(random, one, 3) for one in drawn[: max(1, len(drawn) - place)]]
    found = [_annotation(one) for one in drawn]
    if n % 6 == 1:
        found.append({**_annotation(blob(random)), "iscrowd": 1})
    if n == 14:
        found = [{**one, "iscrowd": 1} for one in found]
    if n % 10 == 3:
        outline = polygon(random)
        found.append({**_annotation(blob(random)), "segmentation": [outline], "ignore": 1})
    return found


def _annotation(mask):
    area = float(mask.mean())
    box = [0.1, 0.1, 0.2, 0.2]  # normalised in the official files, and not used
    return {
        "category_id": 1,
        "iscrowd": 0,
        "area": area,
        "bbox": box,
        "segmentation": encoded(mask),
    }


def _guesses(random, masks, n):
    if n == 5:
        return [_result(_bar(0, 2), 0.9), _result(_bar(2, 4), 0.9)]
    if n % 9 == 2:
        return []
    found = []
    for one in masks:
        score = round(float(random.uniform(0.3, 1)), 1)
        found.append(_result(shifted(random, one, 2), score))
        if random.random() < 0.3:
            found.append(dict(found[-1]))
    if n % 8 == 4:  # nothing is there
        found.append(_result(blob(random), [0.5, 0.49, 0.9][n // 8 % 3]))
    if n % 15 == 6:
        found.append(_result(np.zeros(SIZE, bool), 0.8))
    return found


def _result(mask, score):
    rle = encoded(mask)
    return {"segmentation": rle, "score": score, "bbox": coco_mask.toBbox(rle).tolist()}
