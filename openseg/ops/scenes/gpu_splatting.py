"""gsplat as a splatter, where the package and a GPU for it are; else our own.

Ye et al., "gsplat", JMLR 2025, arXiv:2409.06765. It is an extra: it compiles kernels when first
used.
"""

from __future__ import annotations

import importlib
import importlib.util

import torch
from torch import Tensor

from openseg.ops.geometry import invert_pose
from openseg.ops.scenes.splatting import BLUR, NEAR, Gaussians, Splatter, TorchSplatter, View
from openseg.types import Camera


def best(device: torch.device) -> Splatter:
    """The fastest splatter for a device."""
    if device.type == "cuda" and importlib.util.find_spec("gsplat") is not None:
        return GsplatSplatter()
    return TorchSplatter()


class GsplatSplatter:
    """Draws with gsplat's CUDA kernels; keeps no weights, every render draws anew."""

    def view(self, gaussians: Gaussians, camera: Camera, pixels: Tensor | None = None) -> View:
        """See `Splatter`."""
        return _GsplatView(gaussians, camera, pixels)


class _GsplatView:
    def __init__(self, gaussians: Gaussians, camera: Camera, pixels: Tensor | None) -> None:
        self.gaussians, self.camera, self.pixels = gaussians, camera, pixels

    def render(self, features: Tensor) -> Tensor:
        """See `View`."""
        gsplat = importlib.import_module("gsplat")
        centres, scales, opacities = self.gaussians
        height, width = self.camera.size
        k = self.camera.k.clone()
        k[:2, 2] += 0.5  # gsplat measures from the corner of the first pixel
        upright = torch.zeros(len(centres), 4, device=centres.device)
        upright[:, 0] = 1
        drawn, _, _ = gsplat.rasterization(
            means=centres,
            quats=upright,
            scales=scales[:, None].expand(-1, 3).contiguous(),
            opacities=opacities,
            colors=features,
            viewmats=invert_pose(self.camera.pose)[None],
            Ks=k[None],
            width=width,
            height=height,
            near_plane=NEAR,
            eps2d=BLUR,
        )
        flat: Tensor = drawn[0].reshape(height * width, -1)
        return flat if self.pixels is None else flat[self.pixels]
