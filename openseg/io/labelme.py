"""LabelMe files: a document an image, with a `mask` shape a region, so that holes are kept.

A `mask` shape is two corner points, both inside, and a PNG of the pixels between them. Format:
labelme 5.2 and later, https://github.com/wkentaro/labelme.
"""

from __future__ import annotations

import base64
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from pycocotools import mask as coco_mask

from openseg.io.decode import decode_file
from openseg.io.files import write_atomic
from openseg.io.records import RegionRecord, SampleRecord, label_of

_FORMAT_VERSION = "5.2.0"
_FORMATS = {"JPEG", "MPO", "PNG", "WEBP", "BMP"}
_MODES = {"1", "L", "LA", "RGB", "RGBA"}


def labelme_document(
    record: SampleRecord, image_path: str, image_data: bytes | None = None
) -> dict[str, Any]:
    """The regions of one image as a LabelMe document.

    Args:
        record: The image and its regions.
        image_path: The image's path from the folder of the document, with `/`.
        image_data: The encoded image, for a document that holds it; None leaves it in its file.

    Returns:
        The document; a region whose mask is empty has no shape. A shape's `description` says the
        score for people; `score`, which labelme keeps, holds it for programs.
    """
    height, width = record.size
    return {
        "version": _FORMAT_VERSION,
        "flags": {},
        "shapes": [shape for region in record.regions if (shape := _shape(region))],
        "imagePath": image_path,
        "imageData": None if image_data is None else base64.b64encode(image_data).decode(),
        "imageHeight": height,
        "imageWidth": width,
    }


def write_labelme(path: str | Path, record: SampleRecord) -> None:
    """Writes the document of one image.

    Args:
        path: The JSON file to write.
        record: The image, whose file still lies at `record.image`, and its regions. A file that
            labelme cannot show (16 bits, CMYK, a palette, ...) is put into the document as PNG.

    Raises:
        OpensegError: If the document cannot be written, or the image cannot be read again.
    """
    path, image = Path(path), Path(record.image)
    image = image.parent.resolve() / image.name
    try:
        relative = os.path.relpath(image, path.parent.resolve())
    except ValueError:  # on another drive
        relative = str(image)
    data = None if _labelme_shows(image) else _as_png(image)
    document = labelme_document(record, relative.replace(os.sep, "/"), data)
    write_atomic(path, json.dumps(document, indent=2, allow_nan=False).encode())


def _shape(region: RegionRecord) -> dict[str, Any] | None:
    left, top, width, height = (int(v) for v in coco_mask.toBbox(region.segmentation))
    if width == 0:
        return None
    mask = coco_mask.decode(region.segmentation)
    crop = np.ascontiguousarray(mask[top : top + height, left : left + width])
    return {
        "label": label_of(region),
        "points": [[left, top], [left + width - 1, top + height - 1]],
        "group_id": None,
        "description": f"score {region.score:.3f}",
        "shape_type": "mask",
        "flags": {},
        "mask": base64.b64encode(_png(PIL.Image.fromarray(crop))).decode(),
        "score": region.score,
    }


def _labelme_shows(path: Path) -> bool:
    try:
        with PIL.Image.open(path) as image:
            return image.format in _FORMATS and image.mode in _MODES
    except (OSError, PIL.Image.DecompressionBombError):  # `decode_file` says what is wrong with it
        return False


def _as_png(path: Path) -> bytes:
    return _png(decode_file(path))


def _png(image: PIL.Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
