"""Where a model looks more than it would anyway, as a box."""

from __future__ import annotations

import torch
from scipy import ndimage
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad


def relative_attention(attention: Tensor, usual: Tensor) -> Tensor:
    """Divides attention by what is paid to the same places whatever is asked.

    Some tokens draw attention without being looked at; they draw it under every question. Zhang et
    al., "MLLMs Know Where to Look", ICLR 2025, arXiv:2502.17422, relative attention.

    Args:
        attention: float32 `[gh, gw]`, not negative.
        usual: float32 `[gh, gw]` under a question about nothing in particular.

    Returns:
        float32 `[gh, gw]`, the mean of each cell with its neighbours; 1 stands for the usual.
    """
    least = 1e-3 / attention.numel()  # a thousandth of an even share
    share = attention / attention.sum().clamp(min=least) + least
    ratio = share / (usual / usual.sum().clamp(min=least) + least)
    padded = pad(ratio[None, None], (1, 1, 1, 1), mode="replicate")
    return avg_pool2d(padded, 3, stride=1)[0, 0]


def attended_box(heat: Tensor, threshold: float, size: tuple[int, int]) -> Tensor:
    """The box around the place with the most heat.

    Args:
        heat: float32 `[gh, gw]`, not negative; the grid covers the whole image.
        threshold: Cells belong to the place whose heat is at least this share of the greatest, and
            that hang together with it.
        size: Height and width of the image in pixels.

    Returns:
        float32 `[4]` xyxy in pixels.
    """
    grid = heat.cpu()
    parts, _ = ndimage.label((grid >= threshold * grid.max()).numpy())
    place = parts == parts.reshape(-1)[int(grid.argmax())]
    [(rows, columns)] = ndimage.find_objects(place.astype(int))
    height, width = size[0] / grid.shape[0], size[1] / grid.shape[1]
    edges = (
        columns.start * width,
        rows.start * height,
        columns.stop * width,
        rows.stop * height,
    )
    return torch.tensor(edges, dtype=torch.float32, device=heat.device)
