"""What networks of mask queries share: names of classes, batches of images, masks of queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from openseg import ops
from openseg.models.adapters.patch_grid import grouped
from openseg.models.tasks.proposals import MaskProposals
from openseg.types import Image

IMAGES_PER_CALL = 4

_NOTES = re.compile(r"(-(merged|other|stuff))+$")

Queries = tuple[Tensor, Tensor]
"""Of one image: chances float32 `[q, k + 1]`, the last of them no object; mask logits float32
`[q, gh, gw]` on a grid that covers the whole image."""


def class_names(config: Any) -> tuple[str, ...]:
    """The names of a checkpoint's classes as words, in the order of its chances.

    COCO's panoptic names end in notes, as in `tree-merged`.

    Args:
        config: The configuration of a model of `transformers`.
    """
    names = (str(config.id2label[place]) for place in range(len(config.id2label)))
    return tuple(_NOTES.sub("", name) or name for name in names)


def read_queries(
    images: Sequence[Image], processor: Any, forward: Callable[[Tensor], Any]
) -> list[Queries]:
    """Runs a network over images; those of one size run together.

    The processor squashes an image a little at most; nothing is cropped, and images of different
    sizes are not padded together.

    Args:
        images: The images.
        processor: The checkpoint's image processor.
        forward: Gives the network's outputs for pixel values, float32 `[b, 3, h, w]`.
    """

    def run(_size: tuple[int, int], members: list[int]) -> list[Queries]:
        pixels = [images[place].pixels for place in members]
        inputs = processor(pixels, input_data_format="channels_first", return_tensors="pt")
        outputs = forward(inputs["pixel_values"])
        chances = outputs.class_queries_logits.float().softmax(dim=-1)
        return list(zip(chances, outputs.masks_queries_logits.float(), strict=True))

    return grouped([one.size for one in images], IMAGES_PER_CALL, run)


def proposals(queries: Queries, size: tuple[int, int]) -> MaskProposals:
    """The masks of an image's queries; one whose mask has no pixel gives none.

    Args:
        queries: What the queries became.
        size: Height and width of the image.
    """
    chances, logits = queries
    rows, masks, sureness = ops.mask_queries.masks_of(logits, size)
    return MaskProposals(masks, chances[rows, :-1], sureness)
