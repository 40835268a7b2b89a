"""What the writers of COCO and LabelMe files need to know about a sample at rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class RegionRecord(Protocol):
    """One region."""

    @property
    def phrase(self) -> str:
        """The phrase it was found for; empty if the method took no words."""

    @property
    def class_id(self) -> int:
        """The phrase's class in the query, from 0."""

    @property
    def score(self) -> float:
        """Higher is better."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in pixels."""

    @property
    def segmentation(self) -> Mapping[str, Any]:
        """The mask as COCO RLE: `size` (height, width) and `counts` as text."""


class SampleRecord(Protocol):
    """One image and what was found in it."""

    @property
    def image(self) -> str:
        """The image's path as it was given."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""

    @property
    def regions(self) -> Sequence[RegionRecord]:
        """What was found."""

    @property
    def error(self) -> str | None:
        """What went wrong; an image with an error is not written."""


def label_of(region: RegionRecord) -> str:
    """The name a region has in files: its phrase, or `region` where there were no words."""
    return region.phrase or "region"
