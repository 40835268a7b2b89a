"""BOP cases on which the official segmentation AP was run: two scenes of YCB-V's layout.

Among them: truth to ignore, crowds, two truths in one place, images without truth or without
result, classes without truth or with ignored truth only, duplicates, tied scores, single pixels,
more than a hundred results of a class, results outside the target images, compressed and plain run
lengths, with boxes and without.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

from tests.parity.evals.cases import blob, encoded, shifted

SIZE = (160, 200)
SCENES = {50: (3, 7, 1, 12), 48: (1, 4, 9)}  # in the order of the targets
CLASSES = (1, 2, 5, 8, 13, 21)
OFF_TARGET = {50: (20,), 48: (2,)}


def scenes(folder: Path) -> None:
    """`ycbv/` and results `{boxes,plain}_ycbv-test.json`, `none_ycbv-test.json`."""
    random = np.random.default_rng(31)
    targets, results = [], []
    for scene, images in SCENES.items():
        annotations = []
        for image in (*images, *OFF_TARGET[scene]):
            for mask, one in _objects(random, scene, image):
                annotations.append({**one, "id": len(annotations) + 1})
                results += _guesses(random, scene, one, mask)
            if image not in OFF_TARGET[scene]:
                targets += [{"scene_id": scene, "im_id": image, "obj_id": 1, "inst_count": 1}]
        results += _strays(random, scene, images)
        truth = {
            "info": {},
            "images": [
                {"id": one, "width": SIZE[1], "height": SIZE[0], "file_name": f"rgb/{one:06d}.png"}
                for one in (*images, *OFF_TARGET[scene])
            ],
            "annotations": annotations,
            "categories": [{"id": c, "name": str(c), "supercategory": "ycbv"} for c in CLASSES],
        }
        path = folder / "ycbv" / "test" / f"{scene:06d}" / "scene_gt_coco.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(truth))
    results.append({**results[0], "scene_id": 51})
    (folder / "ycbv" / "test" / "000051").mkdir(exist_ok=True)
    (folder / "ycbv" / "test_targets_bop19.json").write_text(json.dumps(targets))
    times = {}
    for one in results:
        image = one["scene_id"], one["image_id"]
        one["time"] = times.setdefault(image, round(float(random.uniform(0.1, 2)), 3))
        one["time"] += float(random.choice([0, 0.0009]))
    bare = [{key: one[key] for key in one if key not in {"bbox", "time"}} for one in results]
    for one in bare[::2]:
        one["segmentation"] = plain(one["segmentation"])
    files = {"boxes": results, "plain": bare, "none": []}
    for name, content in files.items():
        (folder / f"{name}_ycbv-test.json").write_text(json.dumps(content))


def plain(rle):
    """Run lengths as a list, counted from the pixels."""
    pixels = coco_mask.decode(rle).ravel(order="F")
    edges = np.flatnonzero(np.diff(pixels)) + 1
    runs = np.diff(np.concatenate([[0], edges, [pixels.size]])).tolist()
    return {"size": rle["size"], "counts": [0, *runs] if pixels[0] else runs}


def _objects(random, scene, image):
    """Masks and annotations of an image; the last of the second scene shows nothing."""
    if (scene, image) == (48, 9):
        return
    for number in range(int(random.integers(2, 7))):
        mask = blob(random, SIZE)
        if not mask.any():
            continue
        for _ in range(1 + (number == 2)):
            category = int(random.choice([1, 2, 5, 13]))
            yield mask, _truth(random, image, mask, category, ignore=random.random() < 0.2)
        if number == 1:
            yield mask, _truth(random, image, mask, 8, ignore=True)
        if number == 4:
            yield mask, {**_truth(random, image, mask, 1, ignore=False), "iscrowd": 1}


def _truth(random, image, mask, category, *, ignore):
    one = {
        "image_id": image,
        "category_id": category,
        "iscrowd": 0,
        "area": int(mask.sum()),
        "bbox": [int(side) for side in coco_mask.toBbox(encoded(mask))],
        "segmentation": plain(encoded(mask)),
        "width": SIZE[1],
        "height": SIZE[0],
    }
    return {**one, "ignore": bool(ignore)} if random.random() < 0.9 else one


def _guesses(random, scene, truth, mask):
    found = []
    for _ in range(int(random.integers(0, 4))):
        category = int(random.choice([truth["category_id"]] * 3 + [21]))
        score = round(float(random.random()), 1)
        found.append(_result(scene, truth["image_id"], category, shifted(random, mask, 4), score))
        if random.random() < 0.2:
            found.append(dict(found[-1]))
    return found


def _strays(random, scene, images):
    """Many of one class, an empty mask, and an integer score."""
    found = [
        _result(scene, images[0], 2, blob(random, SIZE), round(float(random.random()), 2))
        for _ in range(110)
    ]
    found.append(_result(scene, images[-1], 1, np.zeros(SIZE, bool), 1))
    found.append(_result(scene, images[-1], 5, blob(random, SIZE), 0.4))
    return found


def _result(scene, image, category, mask, score):
    rle = encoded(mask)
    return {
        "scene_id": scene,
        "image_id": image,
        "category_id": category,
        "score": score,
        # Wider than the mask, as the box of the whole object is: areas are the boxes'.
        "bbox": [one + 2 for one in coco_mask.toBbox(rle).tolist()],
        "segmentation": rle,
    }
