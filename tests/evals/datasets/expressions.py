"""Small files in the formats of referring expressions, and the truth written as an answer."""

from __future__ import annotations

import json
import pickle

from openseg_evals import rle
from tests.evals.truth_as_answer import write_json, write_picture

HEIGHT, WIDTH = 60, 80


def box(x0, y0, x1, y1):
    """A polygon around the pixels x0 <= x < x1, y0 <= y < y1."""
    return [x0, y0, x1, y0, x1, y1, x0, y1]


def annotation(number, image, polygons, area, category=1, crowd=0):
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "segmentation": polygons,
        "area": area,
        "iscrowd": crowd,
    }


def sentence(number, raw, **more):
    return {"sent_id": number, "raw": raw, "sent": raw.lower().strip(" ."), **more}


def ref(number, image, target, split, *sentences):
    return {
        "ref_id": number,
        "image_id": image,
        "ann_id": target,
        "category_id": 1,
        "file_name": f"COCO_train2014_{image}_{number}.jpg",
        "split": split,
        "sent_ids": [one["sent_id"] for one in sentences],
        "sentences": list(sentences),
    }


def write_instances(folder, images, annotations):
    content = {
        "images": [
            {"id": one, "file_name": f"{one}.jpg", "height": HEIGHT, "width": WIDTH}
            for one in images
        ],
        "annotations": annotations,
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "person"}],
    }
    write_json(folder / "instances.json", content)


def write_pickle(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(content, protocol=2))


def write_pictures(folder, images):
    for one in images:
        write_picture(folder / f"{one}.jpg", HEIGHT, WIDTH)


def answers(dataset, path):
    """A line for each sample: the union of its true regions, null where there is none."""
    lines = []
    for sample in dataset.samples:
        masks = [target.mask for target in sample.targets()]
        whole = rle.union(masks) if masks else None
        mask = whole and {**whole, "counts": whole["counts"].decode()}
        lines.append({**sample.key, "segmentation": mask, "no_target": not masks})
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path
