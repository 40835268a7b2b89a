"""Small files for loaders to read, and a data set's own targets written as a prediction."""

from __future__ import annotations

import json

import numpy as np
from PIL import Image

from openseg_evals import rle

VOC_COLOURS = [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0] + [90] * (3 * 252)


def write_picture(path, height, width):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((height, width, 3), 128, dtype=np.uint8)).save(path)


def write_labels(path, rows, palette=False):
    """A label map as 8-bit grey, 16-bit grey where needed, or a palette PNG as VOC's."""
    labels = np.array(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(labels.astype(np.uint16 if labels.max() > 255 else np.uint8))
    if palette:
        image.putpalette(VOC_COLOURS)
    image.save(path)


def write_text(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def label_maps(dataset, folder):
    """A PNG a sample, every target drawn with the label of its phrase."""
    for sample in dataset.samples:
        labels = np.full(sample.size, int(dataset.metric_options["ignore"]), dtype=np.uint16)
        for target in sample.targets():
            labels[rle.decode(target.mask)] = sample.class_ids[target.phrase]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(labels).save(folder / f"{sample.unit}.png")
    return folder


def results(dataset, path):
    """A COCO result a target."""
    found = [
        {
            **sample.key,
            "category_id": sample.class_ids[target.phrase] if sample.class_ids else 1,
            "segmentation": {**target.mask, "counts": target.mask["counts"].decode()},
            "score": 0.9,
        }
        for sample in dataset.samples
        for target in sample.targets()
    ]
    path.write_text(json.dumps(found))
    return path


def asked(sample):
    """The words of the true regions of a sample, sorted."""
    return sorted(sample.phrases[target.phrase] for target in sample.targets())
