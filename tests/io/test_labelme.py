"""LabelMe documents hold the same masks, holes and all, and open in labelme.

labelme brings a Qt of its own and is no dependency of ours. Where it is installed its loader opens
every document; everywhere the masks are decoded by what its format says: two corner pixels, both
inside, and a PNG of what lies between them.
"""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from openseg.io.images import read_image
from openseg.io.labelme import labelme_document, write_labelme
from openseg.types.errors import InputError
from tests.io.pictures import GREY, png_16_bit
from tests.io.values import masks_with_holes, record_of

PHRASES = ["rotes Haus", "猫", ""]


def png(array, **options):
    buffer = io.BytesIO()
    Pillow.fromarray(array).save(buffer, "PNG", **options)
    return buffer.getvalue()


def turned():
    tags = Pillow.Exif()
    tags[0x0112] = 6
    return tags


GREY_16 = np.arange(4800, dtype=np.uint16).reshape(60, 80, 1) * np.uint16(13)
COLOURS = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
PICTURES = {
    "plain.png": png(COLOURS),
    "Füße 猫.png": png(COLOURS),
    "turned.png": png(COLOURS.transpose(1, 0, 2)[:, ::-1], exif=turned()),
    "16 bit.png": png_16_bit(GREY_16, GREY),
    "palette.gif": png(COLOURS[..., 0]),
}


def decode(shape, size):
    """The mask of a shape, by the words of the format."""
    (left, top), (right, bottom) = shape["points"]
    crop = np.array(Pillow.open(io.BytesIO(base64.b64decode(shape["mask"]))))
    mask = np.zeros(size, bool)
    mask[top : bottom + 1, left : right + 1] = crop
    return mask


def written(tmp_path, name):
    image = tmp_path / "photos" / name
    image.parent.mkdir(exist_ok=True)
    image.write_bytes(PICTURES[name])
    path = tmp_path / "run" / "labelme" / "x.json"
    record = record_of(image, masks_with_holes(), PHRASES, scores=[0.87654, 0.5, 1.0])
    assert read_image(image).size == record.size
    write_labelme(path, record)
    return path


def test_masks_are_identical(tmp_path):
    document = json.loads(written(tmp_path, "plain.png").read_text())
    masks = [decode(shape, (60, 80)) for shape in document["shapes"]]
    np.testing.assert_array_equal(masks, masks_with_holes())
    assert [shape["label"] for shape in document["shapes"]] == ["rotes Haus", "猫", "region"]
    assert {shape["shape_type"] for shape in document["shapes"]} == {"mask"}
    assert document["shapes"][0]["description"] == "score 0.877"
    assert document["shapes"][0]["score"] == 0.87654


@pytest.mark.parametrize("name", ["plain.png", "Füße 猫.png", "turned.png"])
def test_the_image_is_found_from_the_document(tmp_path, name):
    path = written(tmp_path, name)
    document = json.loads(path.read_text())
    assert document["imagePath"] == f"../../photos/{name}"
    assert (path.parent / document["imagePath"]).samefile(tmp_path / "photos" / name)
    assert document["imageData"] is None
    assert (document["imageHeight"], document["imageWidth"]) == (60, 80)


def test_what_labelme_cannot_show_travels_in_the_document(tmp_path):
    document = json.loads(written(tmp_path, "16 bit.png").read_text())
    shown = np.array(Pillow.open(io.BytesIO(base64.b64decode(document["imageData"]))))
    np.testing.assert_allclose(shown, np.repeat(GREY_16 / 257, 3, axis=2), atol=0.5)


@pytest.mark.parametrize("name", PICTURES)
def test_labelme_opens_it(tmp_path, name):
    labelme = pytest.importorskip("labelme", reason="labelme is not installed")
    shapes = labelme.LabelFile(str(written(tmp_path, name))).shapes
    for shape, mask in zip(shapes, masks_with_holes(), strict=True):
        (left, top), (right, bottom) = shape["points"]
        np.testing.assert_array_equal(mask[top : bottom + 1, left : right + 1], shape["mask"])
        assert shape["mask"].sum() == mask.sum()


def test_an_empty_mask_has_no_shape():
    masks = np.zeros((2, 4, 5), bool)
    masks[1, 2, 3] = True
    document = labelme_document(record_of("a.png", masks, ["ghost", "dot"]), "a.png")
    (dot,) = document["shapes"]
    assert dot["label"] == "dot"
    assert dot["points"] == [[3, 2], [3, 2]]


def test_nothing_found():
    assert labelme_document(record_of("a.png", np.zeros((0, 4, 5), bool), []), "a.png") == {
        "version": "5.2.0",
        "flags": {},
        "shapes": [],
        "imagePath": "a.png",
        "imageData": None,
        "imageHeight": 4,
        "imageWidth": 5,
    }


def test_an_image_that_is_gone_is_named(tmp_path):
    record = record_of(tmp_path / "gone.png", masks_with_holes(), PHRASES)
    with pytest.raises(InputError, match=r"gone\.png: no such file"):
        write_labelme(tmp_path / "x.json", record)
