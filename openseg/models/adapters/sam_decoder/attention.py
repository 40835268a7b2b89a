"""Attention between few tokens and many pixels, without projecting the pixels.

A prompt has some seven tokens and an image 4096 places. Where a head's keys are `X W` for the
places X, its scores `q (X W)^T` are `(q W^T) X^T`: projecting the tokens back costs a fraction of
projecting the places, and likewise for values. Sums are the same up to rounding.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention


def among_tokens(layer: Any, query: Tensor, value: Tensor) -> Tensor:
    """Attention of tokens to themselves.

    Args:
        layer: `transformers`' `SamAttention`.
        query: `[n, t, c]`, for queries and keys.
        value: `[n, t, c]`.

    Returns:
        `[n, t, c]`.
    """
    q, k = (_heads(project(query), layer) for project in (layer.q_proj, layer.k_proj))
    found = scaled_dot_product_attention(
        q, k, _heads(layer.v_proj(value), layer), scale=layer.scaling
    )
    return _out(layer, found)


def tokens_to_shared(layer: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention of tokens to places that all prompts see alike.

    Args:
        layer: `transformers`' `SamAttention`.
        query: `[n, t, c]`.
        key: `[p, d]`, the places' keys, projected.
        value: `[p, d]`, the places' values, projected.

    Returns:
        `[n, t, c]`.
    """
    count, tokens = query.shape[:2]
    q = layer.q_proj(query).reshape(1, count * tokens, -1)
    q, k, v = (_heads(one, layer) for one in (q, key[None], value[None]))
    found = scaled_dot_product_attention(q, k, v, scale=layer.scaling)
    found = found.transpose(1, 2).reshape(count, tokens, -1)
    attended: Tensor = layer.out_proj(found)
    return attended


def tokens_to_places(layer: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention of tokens to their prompt's own places.

    Args:
        layer: `transformers`' `SamAttention`.
        query: `[n, t, c]`.
        key: `[n, p, c]`, not projected.
        value: `[n, p, c]`, not projected.

    Returns:
        `[n, t, c]`.
    """
    count, tokens, width = query.shape
    q = _heads(layer.q_proj(query), layer) * layer.scaling
    # The bias of keys adds the same to all places, which a softmax over places does not see.
    back = torch.einsum("nhtd,hdc->nhtc", q, _by_head(layer.k_proj.weight, layer))
    shares = (back.reshape(count, -1, width) @ key.transpose(1, 2)).softmax(dim=-1)
    met = (shares @ value).reshape(count, -1, tokens, width)
    found = torch.einsum("nhtc,hdc->nhtd", met, _by_head(layer.v_proj.weight, layer))
    return _out(layer, found + layer.v_proj.bias.reshape(len(found[0]), 1, -1))


def places_to_tokens(
    layer: Any, query: Tensor, key: Tensor, value: Tensor, places: Tensor, shared: bool
) -> Tensor:
    """Attention of places to tokens, added to the places.

    Args:
        layer: `transformers`' `SamAttention`.
        query: The places' queries: if `shared`, `[p, d]`, projected; else `[n, p, c]`, not
            projected.
        key: `[n, t, c]`, the tokens.
        value: `[n, t, c]`.
        places: `[p, c]` or `[n, p, c]`, what is added to.
        shared: Whether all prompts see the same places.

    Returns:
        `[n, p, c]`.
    """
    count, tokens = key.shape[:2]
    k = _heads(layer.k_proj(key), layer) * layer.scaling
    heads = k.shape[1]
    if shared:
        scores = torch.einsum("nhtd,phd->nhtp", k, query.reshape(len(query), heads, -1))
    else:
        back = torch.einsum("nhtd,hdc->nhtc", k, _by_head(layer.q_proj.weight, layer))
        bias = torch.einsum("nhtd,hd->nht", k, layer.q_proj.bias.reshape(heads, -1))
        back = back.reshape(count, heads * tokens, -1)
        scores = torch.baddbmm(bias.reshape(count, -1, 1), back, query.transpose(1, 2))
        scores = torch.unflatten(scores, 1, (heads, tokens))
    shares = scores.softmax(dim=2).flatten(1, 2)
    v = _heads(layer.v_proj(value), layer)
    out = layer.out_proj.weight.reshape(-1, heads, v.shape[-1])
    gives = torch.einsum("nhtd,chd->nhtc", v, out).flatten(1, 2)
    base = places + layer.out_proj.bias
    return torch.baddbmm(base.expand(count, *base.shape[-2:]), shares.transpose(1, 2), gives)


def _heads(values: Tensor, layer: Any) -> Tensor:
    """`[n, t, d]` as `[n, heads, t, d / heads]`."""
    return torch.unflatten(values, -1, (layer.num_attention_heads, -1)).transpose(1, 2)


def _by_head(weight: Tensor, layer: Any) -> Tensor:
    """A projection's weight `[d, c]` as `[heads, d / heads, c]`."""
    return torch.unflatten(weight, 0, (layer.num_attention_heads, -1))


def _out(layer: Any, found: Tensor) -> Tensor:
    """Heads joined and projected."""
    attended: Tensor = layer.out_proj(found.transpose(1, 2).flatten(2))
    return attended
