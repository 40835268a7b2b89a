"""Patch grids that cover a whole image: nothing is cropped or padded, images are grouped by grid.

Processors of classifiers cut a central square out; dense features are wanted of the rest, too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from torch import Tensor

from openseg.models.adapters.chunks import in_chunks

Result = TypeVar("Result")
Key = TypeVar("Key", bound=Hashable)

MAX_ASPECT = 4
"""An image longer than this is scaled by its long side instead: patches cost quadratic time."""


def patch_grid(size: tuple[int, int], short: int, patch: int) -> tuple[int, int]:
    """Rows and columns of patches for an image.

    Its short side is brought to a length, and each side rounded to whole patches, by at most half a
    patch, so that an image is squashed a little.

    Args:
        size: Height and width of the image in pixels.
        short: The length of the short side that the network reads.
        patch: Side of a patch.
    """
    scale = min(short / min(size), MAX_ASPECT * short / max(size))
    rows, columns = (max(1, round(side * scale / patch)) for side in size)
    return rows, columns


def grouped(
    keys: Sequence[Key], count: int, run: Callable[[Key, list[int]], Sequence[Result]]
) -> list[Result]:
    """Runs items of equal keys together, in chunks.

    Args:
        keys: The key of each item.
        count: Items in a chunk at first.
        run: Gives a result for each item of a key, whose places it is told.

    Returns:
        The results in the order of the items.
    """
    groups: dict[Key, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
    results: dict[int, Result] = {}
    for key, members in groups.items():
        chunks = in_chunks(len(members), count, partial(_part, run, key, members))
        results.update(zip(members, chain.from_iterable(chunks), strict=True))
    return [results[place] for place in range(len(keys))]


def _part(
    run: Callable[[Key, list[int]], Sequence[Result]], key: Key, members: list[int], part: slice
) -> Sequence[Result]:
    return run(key, members[part])


def pixel_values(
    processor: Any, pixels: Sequence[Tensor], grid: tuple[int, int], patch: int
) -> Tensor:
    """Pictures as a network reads them, resized and normalised as its checkpoint says.

    Args:
        processor: The checkpoint's image processor.
        pixels: uint8 `[3, h, w]` each.
        grid: Rows and columns of patches.
        patch: Side of a patch.

    Returns:
        float32 `[b, 3, rows * patch, columns * patch]`.
    """
    rows, columns = grid
    values: Tensor = processor(
        list(pixels),
        size={"height": rows * patch, "width": columns * patch},
        do_center_crop=False,
        input_data_format="channels_first",
        return_tensors="pt",
    )["pixel_values"]
    return values
