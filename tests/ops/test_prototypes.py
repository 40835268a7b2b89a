"""Prototypes of masked things against plain loops and scipy."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import binary_erosion

from openseg.ops import prototypes


@given(st.integers(0, 200), st.sampled_from([1, 3, 5]))
def test_erosion_is_that_of_scipy_and_never_takes_all(seed, side):
    mask = np.random.default_rng(seed).random((9, 12)) < 0.9
    mask[0, 0] = True
    # What lies outside the picture is not background: a thing that is cut off keeps its rim there.
    wanted = binary_erosion(mask, np.ones((side, side)), border_value=1)
    found = prototypes.eroded(torch.from_numpy(mask), side).numpy()
    assert np.array_equal(found, wanted if wanted.any() else mask)


def test_a_thing_is_the_mean_of_its_cells_and_pictures():
    random = torch.Generator().manual_seed(0)
    features = [torch.randn(5, 2, 3, generator=random) for _ in range(3)]
    masks = [torch.zeros(4, 6, dtype=torch.bool) for _ in range(3)]
    masks[0][:2, :4] = True  # two cells
    masks[1][2:, 4:] = True  # one
    masks[2][0, 0] = True  # a quarter of one
    found = prototypes.prototypes(features, masks, [7, 3, 7])

    def unit(vector):
        return vector / vector.norm()

    first = unit((features[0][:, 0, 0] + features[0][:, 0, 1]) / 2)
    wanted = [unit((first + unit(features[2][:, 0, 0])) / 2), unit(features[1][:, 1, 2])]
    torch.testing.assert_close(found, torch.stack(wanted))


def test_likeness_is_the_cosine():
    random = torch.Generator().manual_seed(1)
    features, vectors = torch.randn(5, 2, 3, generator=random), torch.randn(4, 5, generator=random)
    vectors = vectors / vectors.norm(dim=1, keepdim=True)
    found = prototypes.likeness(features, vectors)
    wanted = torch.cosine_similarity(features[None], vectors[..., None, None], dim=1)
    torch.testing.assert_close(found, wanted)
