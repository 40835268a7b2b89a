"""The best dependency tree over the words of a phrase.

Eisner, "Three New Probabilistic Models for Dependency Parsing: An Exploration", COLING 1996,
arXiv:cmp-lg/9706003: dynamic programming over spans, O(n^3), exact among projective trees, those in
which every subtree is one run of words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

_LEFT, _RIGHT = 0, 1
"""Direction of a span's arcs: in a LEFT one the last word is the head of the others."""


def projective_heads(scores: Tensor) -> list[int]:
    """Finds the projective tree with one root that has the largest sum of scores.

    Args:
        scores: float `[n, n + 1]`: how well word `j - 1` suits as the head of word `i`; column 0
            is for being the root. n is at least 1.

    Returns:
        Index of each word's head, -1 for the root.
    """
    import numpy as np

    arcs = scores.detach().cpu().double().numpy()
    n = arcs.shape[0]
    # Scores of spans by [direction, first, last]. In an open one an arc joins its two ends, to
    # whose far end more words may be added; a closed one is complete there.
    closed = np.full((2, n, n), -np.inf)
    closed[:, range(n), range(n)] = 0
    opened = np.full((2, n, n), -np.inf)
    split_open = np.zeros((n, n), dtype=int)
    split_closed = np.zeros((2, n, n), dtype=int)
    for width in range(1, n):
        for first in range(n - width):
            last = first + width
            inner = closed[_RIGHT, first, first:last] + closed[_LEFT, first + 1 : last + 1, last]
            best = int(inner.argmax())
            split_open[first, last] = first + best
            opened[_LEFT, first, last] = inner[best] + arcs[first, last + 1]
            opened[_RIGHT, first, last] = inner[best] + arcs[last, first + 1]
            left = closed[_LEFT, first, first:last] + opened[_LEFT, first:last, last]
            right = (
                opened[_RIGHT, first, first + 1 : last + 1]
                + closed[_RIGHT, first + 1 : last + 1, last]
            )
            split_closed[_LEFT, first, last] = first + int(left.argmax())
            split_closed[_RIGHT, first, last] = first + 1 + int(right.argmax())
            closed[_LEFT, first, last] = left.max()
            closed[_RIGHT, first, last] = right.max()
    whole = closed[_LEFT, 0, :] + closed[_RIGHT, :, n - 1] + arcs[:, 0]
    root = int(whole.argmax())
    heads = [-1] * n
    _read_closed(_LEFT, 0, root, split_open, split_closed, heads)
    _read_closed(_RIGHT, root, n - 1, split_open, split_closed, heads)
    return heads


def _read_closed(
    side: int, first: int, last: int, split_open: Any, split_closed: Any, heads: list[int]
) -> None:
    """Writes the heads of all words under closed spans, without recursion: phrases may be long."""
    waiting = [(side, first, last, True)]
    while waiting:
        side, first, last, is_closed = waiting.pop()
        if first == last:
            continue
        if not is_closed:
            if side == _LEFT:
                heads[first] = last
            else:
                heads[last] = first
            middle = int(split_open[first, last])
            waiting += [(_RIGHT, first, middle, True), (_LEFT, middle + 1, last, True)]
            continue
        middle = int(split_closed[side, first, last])
        if side == _LEFT:
            waiting += [(_LEFT, first, middle, True), (_LEFT, middle, last, False)]
        else:
            waiting += [(_RIGHT, first, middle, False), (_RIGHT, middle, last, True)]
