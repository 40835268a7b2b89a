"""A file that is no image, or no whole one, gets one clear line that names it."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from openseg.io.images import MAX_PIXELS, read_image
from openseg.types.errors import InputError
from tests.fuzzing import fuzz_files
from tests.io.pictures import png_start
from tests.soaking import times

COLOURS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def save(path, array, format_):
    Pillow.fromarray(array).save(path, format_)
    return path


def fault(path, **options):
    with pytest.raises(InputError) as caught:
        read_image(path, **options)
    assert str(path) in caught.value.where
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_files_that_are_no_images(tmp_path):
    contents = {
        "notes.jpg": (b"milk, eggs, \xc3\xa9clairs\n" * 400, "text file"),
        "page.png": (b"<!DOCTYPE html><html>404</html>", "web page"),
        "empty.jpg": (b"", "empty"),
        "phone.jpg": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, "HEIC"),
        "random.png": (bytes(range(256)) * 9, "not an image"),
        "script.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "text file"),
    }
    for name, (content, said) in contents.items():
        (tmp_path / name).write_bytes(content)
        assert said in fault(tmp_path / name)


def test_what_came_as_bytes_is_told_as_a_file_is():
    for content, said in ((b"", "empty"), (b"milk, eggs\n" * 400, "text file")):
        with pytest.raises(InputError, match=said) as caught:
            read_image(content, name="mine.png")
        assert caught.value.where == "mine.png"


def test_missing_folder_and_special_files(tmp_path):
    assert "no such file" in fault(tmp_path / "nowhere.jpg")
    assert "folder" in fault(tmp_path)
    assert "cannot read" in fault(tmp_path / ("x" * 300))
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in fault(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path):
    path = save(tmp_path / "x.png", COLOURS, "PNG")
    path.chmod(0)
    assert "permission denied" in fault(path)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_cut_off_file(tmp_path, format_, kept):
    noise = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(tmp_path / "x.jpg", noise, format_)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert "damaged" in fault(path)


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_start(30000, 30000))
    assert str(MAX_PIXELS) in fault(path).replace(",", "")


def test_the_pixel_limit_is_named_and_can_be_set(tmp_path):
    path = save(tmp_path / "x.png", COLOURS, "PNG")
    said = fault(path, max_pixels=34)
    assert "7 x 5" in said
    assert "34" in said
    assert read_image(path, max_pixels=35).size == (5, 7)


def _encoded(format_):
    buffer = io.BytesIO()
    Pillow.fromarray(COLOURS).save(buffer, format_)
    return buffer.getvalue()


@given(data=st.data())
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_bytes_never_end_in_another_error(tmp_path, data):
    good = _encoded(data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])))
    bad = bytearray(good)
    spots = st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255))
    for place, value in data.draw(st.lists(spots, max_size=12)):
        bad[place] = value
    path = tmp_path / "x"
    path.write_bytes(bytes(bad[: data.draw(st.integers(0, len(bad)))]))
    try:
        read_image(path)
    except InputError as error:
        assert str(path) in str(error)  # noqa: PT017  # either way is right


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP"])
def test_broken_images_are_read_or_refused(format_, tmp_path):
    path = save(tmp_path / f"image.{format_.lower()}", COLOURS, format_)
    fuzz_files(f"{format_} images", [path], read_image, times(60, 1000))
