"""Cases on which the official evaluators were run: seeded, small, and nasty on purpose.

Each maker writes files in the official formats; the tests write the same files again and compare
our numbers with those kept in `official.json`. NumPy's `default_rng` gives the same stream on every
platform. Among the cases: empty masks and results, void, crowd, ties, duplicates, tiny masks,
overlapping polygons, classes without truth.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

SIZE = (60, 80)


def blob(random, size=SIZE):
    """A filled ellipse somewhere, or sometimes a single pixel."""
    height, width = size
    y, x = random.uniform(0, height), random.uniform(0, width)
    a, b = random.uniform(3, height / 3), random.uniform(3, width / 3)
    rows, columns = np.mgrid[:height, :width]
    mask = ((rows - y) / a) ** 2 + ((columns - x) / b) ** 2 <= 1
    if random.random() < 0.1:
        mask = np.zeros(size, bool)
        mask[int(random.integers(height)), int(random.integers(width))] = True
    return mask


def shifted(random, mask, most=6):
    """The mask moved a little: a plausible prediction."""
    return np.roll(mask, random.integers(-most, most + 1, 2), (0, 1))


def encoded(mask):
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": [int(s) for s in rle["size"]], "counts": rle["counts"].decode()}


def polygon(random, size=SIZE):
    height, width = size
    x, y = random.uniform(10, width - 20), random.uniform(10, height - 20)
    w, h = random.uniform(5, 30), random.uniform(5, 25)
    corners = [x, y, min(x + w, width), y, min(x + w, width), min(y + h, height), x, y + h]
    return [round(float(one), 2) for one in corners]


def referring(folder: Path, *, general: bool = False) -> None:
    """A folder with refs, instances.json and predictions.jsonl; `general` makes gRefCOCO."""
    random = np.random.default_rng(7 if general else 3)
    folder.mkdir(parents=True, exist_ok=True)
    images = [
        {"id": 100 + i, "height": 60 + i % 3, "width": 80 - i % 2, "file_name": f"{i}.jpg"}
        for i in range(6)
    ]
    annotations = _objects(random, images)
    refs, predictions = [], []
    for number in range(24):
        image = images[number % 6]
        targets = [annotations[number]["id"]]
        if general and number % 5 == 0:
            targets = [-1]
        elif general and number % 3 == 0:
            targets = [one["id"] for one in annotations if one["image_id"] == image["id"]][:3]
        whole = _whole([one for one in annotations if one["id"] in targets], image)
        sentences = []
        for _ in range(1 + number % 3):
            sent = len(predictions)
            sentences.append(
                {"sent_id": sent, "sent": "a thing", "raw": "A thing", "tokens": ["a", "thing"]}
            )
            prediction = {"ref_id": number, "sent_id": sent}
            prediction["segmentation"] = encoded(_answer(random, whole, sent))
            if general:
                wrong = random.random() < 0.3
                prediction["no_target"] = bool((targets == [-1]) != wrong and sent % 4 != 1)
            predictions.append(prediction)
        refs.append(
            {
                "ref_id": number,
                "ann_id": targets if general else targets[0],
                "category_id": [1] if general else 1,
                "image_id": image["id"],
                "file_name": f"{image['id']}_{number}.jpg",
                "split": "val" if general else ["val", "testA", "testB", "testAB"][number % 4],
                "sent_ids": [one["sent_id"] for one in sentences],
                "sentences": sentences,
            }
        )
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "thing"}],
    }
    (folder / "instances.json").write_text(json.dumps(content))
    if general:
        (folder / "grefs(unc).json").write_text(json.dumps(refs))
    else:
        (folder / "refs(unc).p").write_bytes(pickle.dumps(refs, protocol=2))
    lines = [json.dumps(predictions[one]) for one in random.permutation(len(predictions))]
    (folder / "predictions.jsonl").write_text("\n".join(lines) + "\n")


def _objects(random, images):
    """Objects of one to four polygons, some of which overlap."""
    annotations = []
    for number in range(24):
        image = images[number % 6]
        size = image["height"], image["width"]
        segmentation = [polygon(random, size) for _ in range(1 + number % 3)]
        if number % 4 == 0:  # a second polygon over the first
            segmentation.append([one + 3.0 for one in segmentation[0]])
        annotations.append(
            {
                "id": 1000 + number,
                "image_id": image["id"],
                "category_id": 1,
                "iscrowd": 0,
                "segmentation": segmentation,
                "area": 1.0,
                "bbox": [0, 0, 1, 1],
            }
        )
    return annotations


def _whole(targets, image):
    size = image["height"], image["width"]
    mask = np.zeros(size, bool)
    for one in targets:
        mask |= coco_mask.decode(coco_mask.frPyObjects(one["segmentation"], *size)).any(axis=2)
    return mask


def _answer(random, whole, sent):
    """A prediction: sometimes empty, sometimes perfect, mostly a little off."""
    if sent % 7 == 3:
        return np.zeros_like(whole)
    if sent % 7 == 5:
        return whole
    return shifted(random, whole, 4) if whole.any() else blob(random, whole.shape)


def instances(folder: Path, *, federated: bool = False) -> None:
    """`truth.json` and `results.json` in COCO's format; `federated` makes it LVIS."""
    random = np.random.default_rng(11)
    folder.mkdir(parents=True, exist_ok=True)
    size = (200, 240)
    images = [
        {"id": i + 1, "height": 200, "width": 240, "file_name": f"{i}.jpg"} for i in range(14)
    ]
    categories = [{"id": c, "name": f"c{c}"} for c in (2, 3, 5, 7, 11)]
    if federated:
        for place, one in enumerate(categories):
            one["frequency"] = "rcfcf"[place]
        for place, one in enumerate(images):
            one["neg_category_ids"] = [[11], [2, 3], [], [7]][place % 4]
            one["not_exhaustive_category_ids"] = [[2], [], [5, 3], []][place % 4]
    annotations, results = [], []
    for image in images[:-1]:
        for number in range(int(random.integers(0, 7))):
            mask = blob(random, size)
            if not mask.any():
                continue
            one = _instance(random, image, mask, len(annotations) + 1)
            if not federated:
                one["iscrowd"] = int(number == 4)
            annotations.append(one)
            results += _guesses(random, one, mask)
        empty = encoded(np.zeros(size, bool))
        results.append(
            {"image_id": image["id"], "category_id": 11, "segmentation": empty, "score": 0.5}
        )
    truth = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "results.json").write_text(json.dumps(results))
    (folder / "none.json").write_text("[]")


def _instance(random, image, mask, number):
    one = {
        "id": number,
        "image_id": image["id"],
        "category_id": int(random.choice([2, 3, 5, 7])),
        "segmentation": encoded(mask),
        "area": float(mask.sum()),
        "bbox": coco_mask.toBbox(encoded(mask)).tolist(),
    }
    return {**one, "ignore": 1} if random.random() < 0.1 else one


def _guesses(random, truth, mask):
    """Up to three masks for an object: many tied scores, wrong classes, exact duplicates."""
    found = []
    category = truth["category_id"]
    for _ in range(int(random.integers(0, 4))):
        found.append(
            {
                "image_id": truth["image_id"],
                "category_id": int(random.choice([category, category, category, 3])),
                "segmentation": encoded(shifted(random, mask)),
                "score": round(float(random.random()), 1),
            }
        )
        if random.random() < 0.2:
            found.append(dict(found[-1]))
    return found


def panoptic(folder: Path) -> None:
    """`truth.json`, `predictions.json` and their folders of PNGs."""
    random = np.random.default_rng(5)
    things, stuff = [1, 2, 3], [200, 201, 202]
    categories = [{"id": c, "name": f"c{c}", "isthing": int(c in things)} for c in things + stuff]
    files = {"truth": [], "predictions": []}
    for number in range(8):
        base = np.zeros(SIZE, np.int64)
        infos = []
        for k in range(int(random.integers(2, 7))):
            identity = 1000 * (k + 1) + 70000 * (k % 2) + number
            base[blob(random)] = identity
            category = int(random.choice([1, 2, 200, 201]))
            infos.append({"id": identity, "category_id": category, "iscrowd": int(k == 3)})
        guess = np.where(random.random(SIZE) < 0.02, 0, shifted(random, base, 2))
        if number == 6:
            guess = np.zeros(SIZE, np.int64)
        if number == 7:
            guess = base.copy()
        for name, ids in (("truth", base), ("predictions", guess)):
            there = np.unique(ids)
            segments = []
            for info in infos:
                if info["id"] not in there:
                    continue
                entry = {**info, "area": int((ids == info["id"]).sum()), "bbox": [0, 0, 1, 1]}
                if name == "predictions":
                    del entry["iscrowd"], entry["area"], entry["bbox"]
                    if random.random() < 0.15:
                        entry["category_id"] = int(random.choice([3, 202, 1]))
                segments.append(entry)
            target = folder / name
            target.mkdir(parents=True, exist_ok=True)
            rgb = np.stack([ids % 256, ids // 256 % 256, ids // 65536], -1).astype(np.uint8)
            Image.fromarray(rgb).save(target / f"{number}.png")
            files[name].append(
                {"image_id": number, "file_name": f"{number}.png", "segments_info": segments}
            )
    truth = {
        "images": [{"id": n, "file_name": f"{n}.jpg"} for n in range(8)],
        "annotations": files["truth"],
        "categories": categories,
    }
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "predictions.json").write_text(json.dumps({"annotations": files["predictions"]}))


def semantic(folder: Path, *, shift: int = 0) -> None:
    """Folders `truth` and `predictions` of label maps of 6 classes, 255 (or 0) not annotated.

    Class 5 occurs nowhere, class 4 only in predictions. With `shift=1` labels are 1..6.
    """
    random = np.random.default_rng(9)
    for name in ("truth", "predictions"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(5):
        truth = np.zeros(SIZE, np.int64)
        for _ in range(6):
            truth[blob(random)] = int(random.integers(0, 4))
        guess = shifted(random, truth, 5)
        guess[blob(random)] = int(random.choice([1, 4]))
        void = blob(random)
        truth = np.where(void, 0 if shift else 255, truth + shift)
        guess = guess + shift
        for where, labels in (("truth", truth), ("predictions", guess)):
            Image.fromarray(labels.astype(np.uint8)).save(folder / where / f"{number}.png")


def points(folder: Path) -> None:
    """The data set of `instances` and `points.json`: a point for each category in each image."""
    instances(folder)
    random = np.random.default_rng(13)
    truth = json.loads((folder / "truth.json").read_text())
    pairs = sorted({(one["image_id"], one["category_id"]) for one in truth["annotations"]})
    found = []
    for image, category in pairs:
        one = next(
            a
            for a in truth["annotations"]
            if (a["image_id"], a["category_id"]) == (image, category)
        )
        x, y, w, h = one["bbox"]
        dx, dy = random.integers(-20, 21, 2)
        point = [int(np.clip(x + w / 2 + dx, 0, 239)), int(np.clip(y + h / 2 + dy, 0, 199))]
        found.append({"image_id": image, "category_id": category, "point": point})
    (folder / "points.json").write_text(json.dumps(found))


def reasonseg(folder: Path) -> None:
    """Folder `val` of JSON and JPEG pairs, and `predictions.jsonl`."""
    random = np.random.default_rng(17)
    (folder / "val").mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(7):
        Image.new("RGB", SIZE[::-1]).save(folder / "val" / f"{number}.jpg")
        shapes = []
        for label in ["target", "target", "ignore", "flag"][: 1 + number % 4]:
            corners = np.array(polygon(random)).reshape(-1, 2).tolist()
            shapes.append({"label": label, "points": corners})
        if number == 5:
            shapes = []
        entry = {"shapes": shapes, "text": ["what is it?", "it"], "is_sentence": True}
        (folder / "val" / f"{number}.json").write_text(json.dumps(entry))
        mask = np.zeros(SIZE, bool) if number in {3, 5} else blob(random)
        lines.append(json.dumps({"image": str(number), "segmentation": encoded(mask)}))
    (folder / "predictions.jsonl").write_text("\n".join(lines))
