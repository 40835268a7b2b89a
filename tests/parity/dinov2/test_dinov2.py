"""DINOv2: features against timm's, the same random weights in each.

At the grid the positions are made for: elsewhere the two interpolate positions differently (timm
with antialiasing, `transformers` as the authors' code), which is not the adapter's doing.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.dinov2.checkpoints import MEAN, SIDE, STD, save_twins


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dinov2")
    return save_twins(folder), ModelStore(folder, device="cpu").load("dinov2")


def test_features_are_timms(twins):
    model, adapter = twins
    images = [picture(SIDE, SIDE, seed) for seed in range(3)]
    pixels = np.stack([one.pixels.numpy() for one in images]) / 255
    normalised = (pixels - np.reshape(MEAN, (3, 1, 1))) / np.reshape(STD, (3, 1, 1))
    with torch.no_grad():
        tokens = model.forward_features(torch.from_numpy(normalised).float())
    assert tokens.std() > 0.5
    for one, expected in zip(adapter.encode(images), tokens, strict=True):
        torch.testing.assert_close(one.summary, expected[0], atol=2e-5, rtol=0)
        grid = expected[1:].reshape(5, 5, -1).permute(2, 0, 1)
        torch.testing.assert_close(one.patches, grid, atol=2e-5, rtol=0)
