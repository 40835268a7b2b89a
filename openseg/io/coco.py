"""COCO files: a whole dataset that `pycocotools.coco.COCO` opens, and a results list for `loadRes`.

Masks are run-length encoded, because polygons cannot hold holes. Format: Lin et al., "Microsoft
COCO", 2014; https://cocodataset.org/#format-data and #format-results.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pycocotools import mask as coco_mask

from openseg import __version__
from openseg.io.files import write_atomic
from openseg.io.records import SampleRecord, label_of

DATASET = "coco.json"
RESULTS = "coco_results.json"


def coco_dataset(records: Iterable[SampleRecord], phrases: Sequence[str] = ()) -> dict[str, Any]:
    """The regions of many images as a COCO dataset.

    Args:
        records: The images in order; those with an error are left out.
        phrases: The query's classes in order. Without them the categories are the classes that
            were found.

    Returns:
        `images` with an id that counts `records` from 1; `categories` with id `class_id + 1`;
        `annotations` with the mask as RLE, `area` and `bbox` of the mask (left, top, width,
        height), `iscrowd` 0 and, beyond COCO, `score`.
    """
    images = []
    names = dict(enumerate(phrases))
    annotations: list[dict[str, Any]] = []
    for image_id, record in _readable(records):
        height, width = record.size
        images.append({"id": image_id, "file_name": record.image, "height": height, "width": width})
        for region in record.regions:
            names.setdefault(region.class_id, label_of(region))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": region.class_id + 1,
                    "segmentation": dict(region.segmentation),
                    "area": int(coco_mask.area(region.segmentation)),
                    "bbox": coco_mask.toBbox(region.segmentation).tolist(),
                    "iscrowd": 0,
                    "score": region.score,
                }
            )
    return {
        "info": {"description": f"Regions found by openseg {__version__}"},
        "licenses": [],
        "images": images,
        "categories": [
            {"id": class_id + 1, "name": name, "supercategory": ""}
            for class_id, name in sorted(names.items())
        ],
        "annotations": annotations,
    }


def coco_results(records: Iterable[SampleRecord]) -> list[dict[str, Any]]:
    """The regions of many images as COCO results.

    Args:
        records: As for `coco_dataset`, in the same order.

    Returns:
        A detection a region: `image_id`, `category_id`, `bbox` (left, top, width, height of the
        region's box), `segmentation` (RLE), `score`. The ids are those of `coco_dataset`.
    """
    return [
        {
            "image_id": image_id,
            "category_id": region.class_id + 1,
            "bbox": _xywh(region.box),
            "segmentation": dict(region.segmentation),
            "score": region.score,
        }
        for image_id, record in _readable(records)
        for region in record.regions
    ]


def write_coco(
    folder: str | Path, records: Iterable[SampleRecord], phrases: Sequence[str] = ()
) -> None:
    """Writes `coco.json` (the dataset) and `coco_results.json` (the results) into a folder.

    Args:
        folder: Made if missing.
        records: As for `coco_dataset`.
        phrases: As for `coco_dataset`.

    Raises:
        OpensegError: If a file cannot be written.
    """
    kept = list(records)
    # ASCII, because pycocotools opens its files in the encoding of the machine.
    for name, content in (
        (DATASET, coco_dataset(kept, phrases)),
        (RESULTS, coco_results(kept)),
    ):
        write_atomic(Path(folder) / name, json.dumps(content, allow_nan=False).encode())


def _readable(records: Iterable[SampleRecord]) -> Iterable[tuple[int, SampleRecord]]:
    return ((i, record) for i, record in enumerate(records, 1) if record.error is None)


def _xywh(box: tuple[float, float, float, float]) -> list[float]:
    left, top, right, bottom = box
    # To a thousandth of a pixel: subtraction would otherwise leave 17 digits.
    return [round(value, 3) for value in (left, top, right - left, bottom - top)]
