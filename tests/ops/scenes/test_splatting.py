"""The splatter against the published formula, pixel by pixel and Gaussian by Gaussian."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from openseg.ops.scenes import splatting
from openseg.ops.scenes.splatting import Gaussians, TorchSplatter
from openseg.types import Camera, Instances3D
from tests import scenes

SIZE = (14, 18)


def camera(pose=0):
    k = torch.tensor([[15.0, 0, 8.2], [0, 14.0, 6.9], [0, 0, 1]])
    return Camera(k, torch.tensor(scenes.POSES[pose], dtype=torch.float32), SIZE)


def cluttered(count=60, kind=torch.float64):
    """Gaussians all over the room, some behind the camera or large enough to fill the picture."""
    random = torch.Generator().manual_seed(3)
    centres = torch.rand(count, 3, generator=random, dtype=kind) * torch.tensor([4.0, 3.0, 2.5])
    scales = torch.rand(count, generator=random, dtype=kind) ** 3 * 0.6 + 0.01
    return Gaussians(centres.to(kind), scales, torch.rand(count, generator=random, dtype=kind))


def slow(gaussians, view):
    """Weights [h * w, n] by the loop of Kerbl et al., section 4, with gsplat's constants."""
    pose, k = view.pose.numpy().astype(np.float64), view.k.numpy().astype(np.float64)
    turn, (height, width) = pose[:3, :3].T, view.size
    centres = (gaussians.centres.numpy() - pose[:3, 3]) @ turn.T
    found = np.zeros((height * width, len(centres)))
    limits = [
        [-(c + 0.5) / f - 0.15 * n / f, (n - c - 0.5) / f + 0.15 * n / f]
        for f, c, n in ((k[0, 0], k[0, 2], width), (k[1, 1], k[1, 2], height))
    ]
    flat = {}
    for i, (x, y, z) in enumerate(centres):
        if z <= 0.01:
            continue
        u, v = np.clip(x / z, *limits[0]), np.clip(y / z, *limits[1])
        jacobian = np.array(
            [[k[0, 0] / z, 0, -k[0, 0] * u / z], [0, k[1, 1] / z, -k[1, 1] * v / z]]
        )
        cov = turn @ np.eye(3) * float(gaussians.scales[i]) ** 2 @ turn.T
        flat[i] = (
            np.array([k[0, 0] * x / z + k[0, 2], k[1, 1] * y / z + k[1, 2]]),
            np.linalg.inv(jacobian @ cov @ jacobian.T + 0.3 * np.eye(2)),
        )
    nearest = sorted(flat, key=lambda i: centres[i, 2])
    for pixel in range(height * width):
        light = 1.0
        for i in nearest:
            middle, inverse = flat[i]
            off = middle - [pixel % width, pixel // width]
            alpha = min(0.999, float(gaussians.opacities[i]) * math.exp(-off @ inverse @ off / 2))
            if alpha < 1 / 255:
                continue
            if light * (1 - alpha) <= 1e-4:
                break
            found[pixel, i] = light * alpha
            light *= 1 - alpha
    return found


def dense(weights):
    found = torch.zeros(weights.shape, dtype=weights.values.dtype)
    found[weights.rows, weights.columns] = weights.values
    return found.numpy()


@pytest.mark.parametrize("pose", range(3))
def test_weights_are_those_of_the_published_loop(pose):
    gaussians, view = cluttered(), camera(pose)
    expected = slow(gaussians, view)
    assert (expected > 0).sum() > 500
    np.testing.assert_allclose(dense(TorchSplatter().view(gaussians, view)), expected, atol=1e-6)


def test_many_opaque_gaussians_finish_pixels_as_in_the_loop():
    random = torch.Generator().manual_seed(0)
    gaussians = cluttered(150)._replace(opacities=torch.ones(150, dtype=torch.float64))
    gaussians = gaussians._replace(scales=0.2 + torch.rand(150, generator=random).double())
    expected = slow(gaussians, camera())
    found = dense(TorchSplatter().view(gaussians, camera()))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.sum(axis=1).max() < 1


def test_small_blocks_change_nothing(monkeypatch):
    whole = dense(TorchSplatter().view(cluttered(), camera()))
    monkeypatch.setattr(splatting, "PAIRS", 40)
    np.testing.assert_allclose(
        dense(TorchSplatter().view(cluttered(), camera())), whole, atol=1e-12
    )


def test_some_pixels_are_those_of_all():
    pixels = torch.tensor([200, 3, 77, 130])
    whole = TorchSplatter().view(cluttered(), camera())
    some = TorchSplatter().view(cluttered(), camera(), pixels)
    np.testing.assert_allclose(dense(some), dense(whole)[pixels], atol=1e-12)


def test_a_render_is_the_weighted_sum_and_its_gradient_that_of_the_weights():
    view = TorchSplatter().view(cluttered(20), camera(), torch.arange(60, 120))
    features = torch.rand(20, 3, dtype=torch.float64, requires_grad=True)
    drawn = view.render(features)
    np.testing.assert_allclose(drawn.detach(), dense(view) @ features.detach().numpy(), atol=1e-9)
    assert torch.autograd.gradcheck(view.render, (features,))


def test_a_dense_cloud_hides_what_is_behind_it():
    points = torch.tensor(scenes.cloud(0.03), dtype=torch.float32)
    gaussians = splatting.of_points(points, 0.6, 0.95)
    view = Camera(
        torch.tensor(scenes.K, dtype=torch.float32),
        torch.tensor(scenes.POSES[0], dtype=torch.float32),
        scenes.SIZE,
    )
    is_box = ((points > torch.tensor(scenes.BOX[0]) - 0.01) & (points[:, 2:] > 0.01)).all(dim=1)
    is_box &= (points < torch.tensor(scenes.BOX[1]) + 0.01).all(dim=1)
    drawn = TorchSplatter().view(gaussians, view).render(is_box[:, None].float())[:, 0] > 0.5
    depth, _ = scenes.render(scenes.POSES[0])
    rows, columns = np.mgrid[: scenes.SIZE[0], : scenes.SIZE[1]]
    rays = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ np.linalg.inv(scenes.K).T
    at = (rays * depth[..., None]) @ scenes.POSES[0][:3, :3].T + scenes.POSES[0][:3, 3]
    low, high = scenes.BOX[0] - 1e-3, scenes.BOX[1] + 1e-3
    truth = torch.tensor(((at > low) & (at < high)).all(axis=-1) & (at[..., 2] > 1e-3)).reshape(-1)
    assert (drawn & truth).sum() / (drawn | truth).sum() > 0.9


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_points(count):
    gaussians = splatting.of_points(torch.full((count, 3), 1.0), 0.6, 0.95)
    drawn = TorchSplatter().view(gaussians, camera()).render(torch.ones(count, 2))
    assert drawn.shape == (SIZE[0] * SIZE[1], 2)


def test_shares_of_objects_are_what_hides_what(monkeypatch):
    """Two boards, one behind the other; the one in front fills the pixels that both cover."""
    monkeypatch.setattr(splatting, "AT_ONCE", 1)
    grid = torch.cartesian_prod(torch.linspace(-0.3, 0.3, 31), torch.linspace(-0.3, 0.3, 31))
    front = torch.cat([grid, torch.full((len(grid), 1), 1.0)], dim=1)
    back = torch.cat([grid * 4, torch.full((len(grid), 1), 1.5)], dim=1)
    objects = Instances3D.from_masks(
        torch.arange(2)[:, None] == (torch.arange(2 * len(grid)) >= len(grid)), torch.ones(2)
    )
    view = Camera(camera().k, torch.eye(4), SIZE)
    drawn = TorchSplatter().view(splatting.of_points(torch.cat([front, back]), 0.6, 0.95), view)
    shares = splatting.shares(drawn, objects).reshape(*SIZE, 2)
    assert (shares[5:9, 6:11, 0] > 0.9).all()
    assert (shares[5:9, 6:11, 1] < 0.1).all()
    assert shares[7, 1, 1] > 0.9
    assert splatting.shares(drawn, objects.take([])).shape == (SIZE[0] * SIZE[1], 0)


def test_a_reduced_view_keeps_its_shape():
    view = Camera(torch.eye(3), torch.eye(4), (240, 320))
    assert splatting.reduced(view, 160).size == (120, 160)
    assert splatting.reduced(view, 1000).size == (240, 320)
