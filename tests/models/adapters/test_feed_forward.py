"""A feed-forward network a few rows at a time."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from openseg.models.adapters import feed_forward
from openseg.models.adapters.feed_forward import InRows


@pytest.mark.parametrize("rows_at_once", [1, 4, 1000])
@pytest.mark.parametrize("shape", [(3, 5, 7, 6), (2, 6), (0, 6)])
def test_rows_give_what_the_network_gives(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], rows_at_once: int
) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 20), nn.GELU(), nn.Linear(20, 6))
    seen: list[int] = []
    network.register_forward_hook(lambda _m, given, _o: seen.append(len(given[0])))
    monkeypatch.setattr(feed_forward, "CPU_BYTES", rows_at_once * 20 * 4)
    inputs = torch.randn(shape)
    with torch.inference_mode():
        torch.testing.assert_close(InRows(network, 20)(inputs), network(inputs))
    assert all(count <= rows_at_once for count in seen[:-1])
