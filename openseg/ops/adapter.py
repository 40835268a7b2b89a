"""The weight adapter: two small matrices that say how much each entry of a vector counts.

Lu et al., "Adapting Pre-Trained Vision Models for Novel Instance Detection and Segmentation", 2024,
arXiv:2405.17859.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import normalize


def weigh(vectors: Tensor, inner: Tensor, outer: Tensor, scale: float) -> Tensor:
    """Weighs the entries of vectors: `x * sigmoid(relu(outer relu(inner x)))`.

    Args:
        vectors: float32 `[n, d]`, unit length.
        inner: float32 `[r, d]`.
        outer: float32 `[d, r]`.
        scale: Length that the vectors are brought to first.

    Returns:
        float32 `[n, d]`, unit length.
    """
    long = scale * vectors
    weights = ((long @ inner.T).relu() @ outer.T).relu().sigmoid()
    return normalize(weights * long, dim=1)
