"""Frames read their pixels when asked, in metres, and keep their columns aligned."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch

from openseg.io.images import read_image
from openseg.types import Frames
from openseg.types.errors import InputError, ShapeError
from openseg.types.scenes import frame_files
from openseg.types.scenes.frame_files import read_depth


def frames(tmp_path, depth="depth.png", scale=1000.0, no_depth=()):
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "color.png")
    one = torch.eye(4)[None]
    return Frames(
        ("a",),
        one,
        (str(tmp_path / "color.png"),),
        one[:, :3, :3],
        ((4, 6),),
        (str(tmp_path / depth) if depth else None,),
        one[:, :3, :3],
        ((2, 3),),
        scale,
        no_depth,
    )


STORED = np.array([[0, 1500, 65535], [1, 3000, 250]], dtype=np.uint16)


def test_depth_is_in_metres_and_0_where_there_is_none(tmp_path):
    PIL.Image.fromarray(STORED).save(tmp_path / "depth.png")
    depth = frames(tmp_path, no_depth=(65535,))[0].depth()
    assert depth.dtype == torch.float32
    assert depth.numpy() == pytest.approx(np.array([[0, 1.5, 0], [0.001, 3, 0.25]]))


def test_depth_is_decoded_once_until_its_file_changes(tmp_path, monkeypatch):
    PIL.Image.fromarray(STORED).save(tmp_path / "depth.png")
    [frame] = frames(tmp_path)
    opened = []
    real = PIL.Image.open
    monkeypatch.setattr(
        PIL.Image, "open", lambda path, **more: opened.append(path) or real(path, **more)
    )
    assert torch.equal(frame.depth(), frame.depth())
    assert len(opened) == 1
    PIL.Image.fromarray(np.full_like(STORED, 2000)).save(tmp_path / "depth.png")
    os.utime(tmp_path / "depth.png", ns=(1, 1))
    assert frame.depth().tolist() == [[2.0] * 3] * 2


def test_decoded_depth_is_held_within_its_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(frame_files, "MOST_DEPTH_BYTES", 100)
    frame_files._DEPTHS.clear()
    for i in range(10):
        np.save(tmp_path / f"{i}.npy", np.ones((3, 3), dtype=np.float32))
        read_depth(str(tmp_path / f"{i}.npy"), 1.0)
    assert sum(one.nbytes for one in frame_files._DEPTHS.values()) <= 100
    assert [Path(key[0]).stem for key in frame_files._DEPTHS] == ["8", "9"]


def test_depth_may_be_floating_point(tmp_path):
    stored = np.array([[np.nan, 1.5, np.inf], [-1, 3, 0]], dtype=np.float32)
    expected = [[0, 1.5, 0], [0, 3, 0]]
    np.save(tmp_path / "depth.npy", stored)
    PIL.Image.fromarray(stored).save(tmp_path / "depth.tiff")
    for name in ("depth.npy", "depth.tiff"):
        assert frames(tmp_path, name, scale=1.0)[0].depth().tolist() == expected


def test_colour_as_depth_is_refused(tmp_path):
    PIL.Image.new("RGB", (3, 2)).save(tmp_path / "depth.png")
    with pytest.raises(InputError, match="one channel"):
        read_depth(str(tmp_path / "depth.png"), 1000)


def test_a_frame_without_depth_has_zeros(tmp_path):
    assert frames(tmp_path, depth="")[0].depth().tolist() == [[0.0] * 3] * 2


def test_a_picture_has_the_address_that_it_has_alone(tmp_path):
    """A frame's picture and the same file given as a photo meet in the cache."""
    image = frames(tmp_path)[0].image()
    alone = read_image(tmp_path / "color.png")
    assert torch.equal(image.pixels, alone.pixels)
    assert image.digest == alone.digest


def test_a_picture_is_not_turned(tmp_path):
    """Intrinsics belong to pixels as they are stored, whatever EXIF says about looking at them."""
    made = frames(tmp_path)
    picture = PIL.Image.new("RGB", (6, 4), "red")
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    turned = dataclasses.replace(made, color=(str(tmp_path / "turned.jpg"),))
    assert turned[0].image().size == (4, 6)


def test_nothing_is_read_before_it_is_asked_for(tmp_path):
    made = frames(tmp_path, depth="missing.png")
    assert made[0].camera.size == (4, 6)
    assert made[-1].name == "a"
    with pytest.raises(InputError, match="no such file"):
        made[0].depth()
    with pytest.raises(IndexError):
        made[1]


def test_frames_are_taken_in_any_order(tmp_path):
    one = frames(tmp_path)
    n = 5
    many = Frames(
        tuple("abcde"),
        torch.arange(n * 16.0).reshape(n, 4, 4),
        one.color * n,
        torch.arange(n * 9.0).reshape(n, 3, 3),
        ((4, 6),) * n,
        (None,) * n,
        torch.arange(n * 9.0).reshape(n, 3, 3),
        ((2, 3),) * n,
        1000.0,
    )
    taken = many.take([3, 0])
    assert [frame.name for frame in taken] == ["d", "a"]
    assert torch.equal(taken[0].camera.pose, many[3].camera.pose)
    assert len(many.take([])) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": ("a", "b")}, "must have 2 rows, got 1"),
        ({"depth": ()}, "Frames.depth must have 1 rows, got 0"),
        ({"depth_scale": 0.0}, "depth_scale must be above 0"),
        ({"depth_scale": float("nan")}, "depth_scale must be above 0"),
        ({"color_size": ((0, 6),)}, "positive height and width"),
        ({"poses": torch.eye(4)}, r"Frames.poses must be float32 \[n, 4, 4\]"),
    ],
)
def test_columns_that_do_not_fit_are_refused(change, message, tmp_path):
    with pytest.raises(ShapeError, match=message):
        dataclasses.replace(frames(tmp_path), **change)
