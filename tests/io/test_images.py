"""Every picture a camera or an editor makes is read right."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms, features

from openseg.io.images import image_from, read_image
from tests.io.pictures import GREY, RGB, RGBA, png_16_bit, swapped_profile

COLOURS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)

# EXIF 2.32, tag 0x0112: the visual side of the stored 0th row, and of the stored 0th column.
ORIENTATIONS = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def stored(upright, orientation):
    """How a camera with that orientation lays the picture down."""
    row_side, column_side = ORIENTATIONS[orientation]
    height, width = upright.shape[:2]
    y = {"top": lambda k: k, "bottom": lambda k: height - 1 - k}
    x = {"left": lambda k: k, "right": lambda k: width - 1 - k}
    if row_side in y:
        rows, columns = range(height), range(width)
        at = lambda r, c: upright[y[row_side](r), x[column_side](c)]  # noqa: E731
    else:
        rows, columns = range(width), range(height)
        at = lambda r, c: upright[y[column_side](c), x[row_side](r)]  # noqa: E731
    return np.array([[at(r, c) for c in columns] for r in rows])


def save(path, array, format_, mode=None, **options):
    Pillow.fromarray(array, mode).save(path, format_, **options)
    return path


def pixels(path, **options):
    """uint8 `[h, w, c]` as read."""
    return read_image(path, **options).pixels.permute(1, 2, 0).numpy()


def exif(orientation):
    tags = Pillow.Exif()
    tags[0x0112] = orientation
    return tags


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_exif_orientation_is_applied(tmp_path, orientation, format_):
    options = {"lossless": True} if format_ == "WEBP" else {}
    array = stored(COLOURS, orientation)
    save(tmp_path / "x", array, format_, exif=exif(orientation), **options)
    np.testing.assert_array_equal(pixels(tmp_path / "x"), COLOURS)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_exif_orientation_of_large_areas(tmp_path, orientation, format_):
    quarters = np.zeros((32, 64, 3), np.uint8)
    quarters[:16, :32], quarters[:16, 32:] = (250, 10, 10), (10, 250, 10)
    quarters[16:, :32], quarters[16:, 32:] = (10, 10, 250), (240, 240, 240)
    array = stored(quarters, orientation)
    options = {"quality": 100, "subsampling": 0} if format_ == "JPEG" else {}
    save(tmp_path / "x", array, format_, exif=exif(orientation), **options)
    np.testing.assert_allclose(pixels(tmp_path / "x"), quarters, atol=4)


def test_orientation_is_applied_once(tmp_path):
    save(tmp_path / "x.png", stored(COLOURS, 6), "PNG", exif=exif(6))
    again = image_from(Pillow.open(tmp_path / "x.png"))
    np.testing.assert_array_equal(again.pixels.permute(1, 2, 0), COLOURS)


def test_broken_exif_does_not_hide_the_picture(tmp_path):
    save(tmp_path / "x.png", COLOURS, "PNG", exif=b"Exif\0\0nonsense")
    np.testing.assert_array_equal(pixels(tmp_path / "x.png"), COLOURS)


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF", "WEBP", "AVIF", "GIF", "JPEG"])
def test_formats_are_known_by_content(tmp_path, format_):
    if format_ == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    flat = np.full((16, 24, 3), (200, 100, 50), np.uint8)
    save(tmp_path / "wrong.txt", flat, format_)
    np.testing.assert_allclose(pixels(tmp_path / "wrong.txt"), flat, atol=4)


def test_grey_becomes_three_equal_channels(tmp_path):
    save(tmp_path / "x.png", COLOURS[..., 0], "PNG")
    np.testing.assert_array_equal(pixels(tmp_path / "x.png"), COLOURS[..., [0, 0, 0]])


def test_black_and_white(tmp_path):
    Pillow.fromarray(COLOURS[..., 0] > 99).save(tmp_path / "x.png")
    np.testing.assert_array_equal(
        pixels(tmp_path / "x.png")[..., 0], np.where(COLOURS[..., 0] > 99, 255, 0)
    )


def test_16_bit_grey_is_scaled_and_rounded(tmp_path):
    values = np.array([[0, 128, 129, 257, 385, 386, 32768, 65535]], np.uint16)
    (tmp_path / "x.png").write_bytes(png_16_bit(values[..., None], GREY))
    assert pixels(tmp_path / "x.png")[0, :, 0].tolist() == [0, 0, 1, 1, 1, 2, 128, 255]


def test_16_bit_tiff_of_either_byte_order(tmp_path):
    values = np.array([[0, 257, 25700, 65535]], np.uint16)
    Pillow.fromarray(values).save(tmp_path / "little.tif")
    Pillow.frombytes("I;16B", (4, 1), values.astype(">u2").tobytes()).save(tmp_path / "big.tif")
    for name in ("little.tif", "big.tif"):
        assert pixels(tmp_path / name)[0, :, 0].tolist() == [0, 1, 100, 255]


@pytest.mark.parametrize("kind", [RGB, RGBA])
def test_16_bit_colour_to_within_one_level(tmp_path, kind):
    values = np.random.default_rng(1).integers(0, 65536, (6, 5, 4), dtype=np.uint16)
    values[..., 3] = 65535
    (tmp_path / "x.png").write_bytes(png_16_bit(values[..., : 3 if kind == RGB else 4], kind))
    np.testing.assert_allclose(pixels(tmp_path / "x.png"), values[..., :3] / 257, atol=1)


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "TIFF"])
def test_alpha_lies_on_white(tmp_path, format_):
    layer = np.zeros((1, 3, 4), np.uint8)
    layer[0] = [(10, 20, 30, 255), (10, 20, 30, 0), (10, 20, 30, 128)]
    options = {"lossless": True, "exact": True} if format_ == "WEBP" else {}
    save(tmp_path / "x", layer, format_, **options)
    half = [round((v * 128 + 255 * 127) / 255) for v in (10, 20, 30)]
    np.testing.assert_allclose(
        pixels(tmp_path / "x")[0], [(10, 20, 30), (255, 255, 255), half], atol=1
    )


def test_palette_with_and_without_transparency(tmp_path):
    picture = Pillow.new("P", (3, 1))
    picture.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    picture.putdata([0, 1, 2])
    picture.save(tmp_path / "opaque.png")
    picture.save(tmp_path / "clear.png", transparency=1)
    picture.save(tmp_path / "parts.png", transparency=bytes([255, 0, 255]))
    red, green, blue, white = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
    assert [tuple(v) for v in pixels(tmp_path / "opaque.png")[0]] == [red, green, blue]
    assert [tuple(v) for v in pixels(tmp_path / "clear.png")[0]] == [red, white, blue]
    assert [tuple(v) for v in pixels(tmp_path / "parts.png")[0]] == [red, white, blue]


def test_cmyk_jpeg(tmp_path):
    inks = np.zeros((8, 32, 4), np.uint8)
    for i in range(3):
        inks[:, 8 * i : 8 * i + 8, i] = 255
    save(tmp_path / "x.jpg", inks, "JPEG", "CMYK", quality=100, subsampling=0)
    cyan, magenta, yellow, white = pixels(tmp_path / "x.jpg")[4, 4::8]
    np.testing.assert_allclose(cyan, (0, 255, 255), atol=6)
    np.testing.assert_allclose(magenta, (255, 0, 255), atol=6)
    np.testing.assert_allclose(yellow, (255, 255, 0), atol=6)
    np.testing.assert_allclose(white, (255, 255, 255), atol=6)


def test_a_colour_profile_is_applied(tmp_path):
    red = np.full((4, 4, 3), (255, 0, 0), np.uint8)
    save(tmp_path / "x.png", red, "PNG", icc_profile=swapped_profile())
    np.testing.assert_allclose(pixels(tmp_path / "x.png")[0, 0], (0, 255, 0), atol=3)


def test_an_srgb_profile_leaves_the_pixels_alone(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    save(tmp_path / "x.png", COLOURS, "PNG", icc_profile=profile)
    np.testing.assert_array_equal(pixels(tmp_path / "x.png"), COLOURS)


# Names of their own: a profile holds the second it was made in, and workers must agree on names.
@pytest.mark.parametrize(
    "profile", [b"nonsense", swapped_profile()[:200]], ids=["nonsense", "cut-off"]
)
def test_a_broken_profile_is_not_applied(tmp_path, profile):
    save(tmp_path / "x.png", COLOURS, "PNG", icc_profile=profile)
    np.testing.assert_array_equal(pixels(tmp_path / "x.png"), COLOURS)


def test_a_profile_for_other_channels_is_not_applied(tmp_path):
    save(tmp_path / "x.png", COLOURS[..., 0], "PNG", icc_profile=swapped_profile())
    np.testing.assert_array_equal(pixels(tmp_path / "x.png"), COLOURS[..., [0, 0, 0]])


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [Pillow.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "x.gif", save_all=True, append_images=frames[1:])
    assert pixels(tmp_path / "x.gif")[0, 0].tolist() == [255, 0, 0]


def test_one_pixel(tmp_path):
    save(tmp_path / "x.png", COLOURS[:1, :1], "PNG")
    image = read_image(tmp_path / "x.png")
    assert image.size == (1, 1)
    assert image.pixels[:, 0, 0].tolist() == COLOURS[0, 0].tolist()


def test_48_megapixels_in_seconds(tmp_path):
    path = tmp_path / "x.jpg"
    Pillow.new("RGB", (8000, 6000), "teal").save(path)
    started = time.process_time()
    assert read_image(path).size == (6000, 8000)
    assert time.process_time() - started < 6


@pytest.mark.parametrize("name", ["Füße am Strand.png", "猫 写真.png", "a[1]*.png", "emoji 🐈.png"])
def test_any_file_name(tmp_path, name):
    path = save(tmp_path / name, COLOURS, "PNG")
    assert read_image(path).name == str(path)
    np.testing.assert_array_equal(pixels(path), COLOURS)
