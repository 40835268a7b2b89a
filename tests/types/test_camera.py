"""Intrinsics belong to an image size and are carried over to another."""

from __future__ import annotations

import pytest
import torch

from openseg.types import Camera
from openseg.types.errors import ShapeError


def camera(fx, fy, cx, cy, size):
    k = torch.tensor([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])
    return Camera(k, torch.eye(4), size)


def test_half_the_size_shows_the_same_view():
    # The left edge of a picture lies at -0.5, its right edge at width - 0.5, at any size.
    whole = camera(500.0, 510.0, 319.5, 200.0, (480, 640))
    half = whole.scaled((240, 320))
    assert half.size == (240, 320)
    assert half.k[[0, 1], [0, 1]].tolist() == [250.0, 255.0]
    assert half.k[0, 2].item() == 159.5
    assert half.k[1, 2].item() == pytest.approx((200.5 / 480) * 240 - 0.5)
    for cam, width in ((whole, 640), (half, 320)):
        left = (-0.5 - cam.k[0, 2]) / cam.k[0, 0]
        right = (width - 0.5 - cam.k[0, 2]) / cam.k[0, 0]
        assert (left.item(), right.item()) == pytest.approx((-0.64, 0.64))


def test_there_and_back_is_the_same_camera():
    whole = camera(500.0, 510.0, 300.0, 200.0, (480, 640))
    torch.testing.assert_close(whole.scaled((123, 77)).scaled((480, 640)).k, whole.k)


@pytest.mark.parametrize(
    ("k", "pose", "size", "message"),
    [
        (torch.eye(4), torch.eye(4), (2, 2), r"Camera.k must be float32 \[3, 3\]"),
        (torch.eye(3), torch.eye(4)[:3], (2, 2), "Camera.pose"),
        (torch.eye(3).double(), torch.eye(4), (2, 2), "float64"),
        (torch.eye(3), torch.eye(4), (0, 2), "Camera.size"),
    ],
)
def test_what_is_no_camera_is_refused(k, pose, size, message):
    with pytest.raises(ShapeError, match=message):
        Camera(k, pose, size)
