"""Values of what the views of a scene show, of all sizes, for the tests of every edge type."""

from __future__ import annotations

import torch
from hypothesis import strategies as st

from openseg.types import InstanceViews, Superpoints, ViewMasks, ViewRegions


@st.composite
def view_regions(draw):
    n = draw(st.integers(0, 5))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    views = torch.randint(0, 9, (n,), generator=random).sort().values
    boxes, scores = torch.randn(n, 4, generator=random), torch.randn(n, generator=random)
    return ViewRegions(views, boxes, scores)


@st.composite
def view_masks(draw):
    n, h, w = draw(st.integers(0, 4)), draw(st.integers(1, 20)), draw(st.integers(1, 20))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    return ViewMasks.from_masks(torch.rand(n, h, w, generator=random) < 0.3)


@st.composite
def instance_views(draw):
    k, f = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    visible = torch.randint(0, 99, (k, f), generator=random)
    return InstanceViews(visible, torch.randn(k, f, 4, generator=random))


@st.composite
def superpoints(draw):
    n = draw(st.integers(0, 9))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    piece = torch.randint(0, 4, (n,), generator=random)
    pairs = torch.randint(0, max(n, 1), (n, 2), generator=random)
    return Superpoints(piece, 4, torch.randn(n, 3, generator=random), pairs)
