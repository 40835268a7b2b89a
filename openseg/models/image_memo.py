"""What an encoder made of an image, remembered while the image is being worked on.

Detectors meet one image with many phrases, segmenters with many prompts: the costly half of the
model runs once an image, found again by the image's digest.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar
from weakref import WeakSet

import torch

from openseg.types import Image

Features = TypeVar("Features")


class ImageMemo(Generic[Features]):
    """Features by image, the least recently used forgotten first.

    Args:
        max_bytes: What the remembered tensors may occupy together on their device.
    """

    def __init__(self, max_bytes: int = 1 << 30) -> None:
        self._max_bytes = max_bytes
        self._features: OrderedDict[str, Features] = OrderedDict()
        _MEMOS.add(self)

    def features(
        self, images: Sequence[Image], encode: Callable[[list[Image]], Sequence[Features]]
    ) -> list[Features]:
        """The features of each image, computed at most once for each different image.

        Args:
            images: The images, in any order, with repetitions.
            encode: Encodes different images; gives one value an image: a tensor, or a sequence or
                dict of tensors. Not called when nothing is missing.
        """
        features = self._features  # another thread may clear
        missing = {one.digest: one for one in images if one.digest not in features}
        if missing:
            new = encode(list(missing.values()))
            features.update(zip(missing, new, strict=True))
        for one in images:
            features.move_to_end(one.digest)
        found = [features[one.digest] for one in images]
        self._forget(features)
        return found

    def clear(self) -> None:
        """Forgets everything."""
        self._features = OrderedDict()

    def _forget(self, features: OrderedDict[str, Features]) -> None:
        used = {digest: _bytes(value) for digest, value in features.items()}
        total = sum(used.values())
        while total > self._max_bytes:
            digest, _ = features.popitem(last=False)
            total -= used[digest]


_MEMOS: WeakSet[ImageMemo[Any]] = WeakSet()


def forget_images() -> None:
    """Clears every memo there is: features are computed again, in the batch that needs them."""
    for memo in list(_MEMOS):
        memo.clear()


def _bytes(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.nbytes
    items: Iterable[Any] = value.values() if isinstance(value, dict) else value
    return sum(_bytes(item) for item in items)
