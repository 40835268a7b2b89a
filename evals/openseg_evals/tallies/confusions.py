"""Confusion matrices of many images, sparse: an image shows few of a data set's classes.

At about 60 pairs of classes an image, 2000 images take 2 MB, where dense matrices of 150 classes
would take 360 MB.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class ConfusionTable:
    """The `confusion` of each image, truth by prediction with a last column for nothing.

    Attributes:
        classes: Number of classes.
    """

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self._places: list[NDArray[np.int64]] = []
        self._pixels: list[NDArray[np.int64]] = []

    def add(self, counts: NDArray[np.int64]) -> None:
        """Adds one image's matrix, `int64 [classes, classes + 1]`."""
        places = np.flatnonzero(counts)
        self._places.append(places)
        self._pixels.append(counts.ravel()[places])

    def __len__(self) -> int:
        """Number of images."""
        return len(self._places)

    def total(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum over the images if each occurs so many times, `int64 [classes, classes + 1]`.

        Args:
            times: How often each image counts, `int64 [images]`.
        """
        images, places, pixels = self._entries()
        counts = np.zeros(self.classes * (self.classes + 1), dtype=np.int64)
        np.add.at(counts, places, pixels * times[images])
        return counts.reshape(self.classes, self.classes + 1)

    def mean_ious(self) -> NDArray[np.float64]:
        """For each image the mean IoU over the classes of its truth, a fraction; NaN without."""
        images, places, pixels = self._entries()
        truth, guess = np.divmod(places, self.classes + 1)
        inside = guess < self.classes
        shape = len(self._places), self.classes

        def sums(columns: NDArray[np.int64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
            codes = images[chosen] * self.classes + columns[chosen]
            size = shape[0] * shape[1]
            counts = np.bincount(codes, weights=pixels[chosen], minlength=size)
            return counts.astype(np.float64).reshape(shape)

        hits = sums(truth, truth == guess)
        area = sums(truth, np.ones_like(inside))
        union = area + sums(guess, inside) - hits
        present = area > 0
        iou = np.divide(hits, union, out=np.zeros(shape), where=present)
        number = present.sum(axis=1)
        means = np.full(len(number), np.nan)
        np.divide(iou.sum(axis=1), number, out=means, where=number > 0)
        return means

    def _entries(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Image, place in the matrix and pixels of every entry that is not 0."""
        images = np.repeat(np.arange(len(self._places)), [len(one) for one in self._places])
        nothing = [np.zeros(0, dtype=np.int64)]
        return (
            images,
            np.concatenate(self._places + nothing),
            np.concatenate(self._pixels + nothing),
        )
