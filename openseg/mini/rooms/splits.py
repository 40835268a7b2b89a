"""Splits as disjoint ranges of seeds: a scene's seed says which split it belongs to.

A seed is `split code << 40 | index << 4 | attempt`, so no scene of one split can be a scene of
another. An attempt above zero replaces a scene whose render showed too little of an object.
"""

from typing import Literal, get_args

Split = Literal["train", "val", "test_seen", "test_unseen"]

SPLITS: tuple[Split, ...] = get_args(Split)
"""All splits, in the order of their codes."""

ATTEMPTS = 16
"""Seeds that belong to one index of a split."""

_INDEX_SHIFT = 4
_SPLIT_SHIFT = 40


def scene_seed(split: Split, index: int, attempt: int = 0) -> int:
    """The seed of the scene at a place in a split.

    Args:
        split: Name of the split.
        index: Place in the split, 0 <= index < 2**36.
        attempt: Which replacement, 0 <= attempt < ATTEMPTS.

    Raises:
        ValueError: If `index` or `attempt` is out of its range.
    """
    if not 0 <= index < 1 << (_SPLIT_SHIFT - _INDEX_SHIFT):
        raise ValueError(f"scene index {index} is out of range")
    if not 0 <= attempt < ATTEMPTS:
        raise ValueError(f"attempt {attempt} is out of range 0..{ATTEMPTS - 1}")
    return SPLITS.index(split) << _SPLIT_SHIFT | index << _INDEX_SHIFT | attempt


def split_of(seed: int) -> Split:
    """The split that a seed belongs to.

    Raises:
        ValueError: If the seed belongs to no split.
    """
    code = seed >> _SPLIT_SHIFT
    if not 0 <= code < len(SPLITS):
        raise ValueError(f"seed {seed} belongs to no split")
    return SPLITS[code]
