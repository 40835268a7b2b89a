"""A result at rest: what one line of `regions.jsonl` holds, and the way there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from openseg.io.rle import encode_masks

if TYPE_CHECKING:
    from openseg.api.result import Result


@dataclass(frozen=True)
class Region:
    """One region at rest.

    Attributes:
        phrase: The phrase it was found for; empty if the method took no words.
        class_id: The phrase's class in the query.
        score: Higher is better.
        box: Left, top, right, bottom in pixels.
        segmentation: COCO RLE with a text `counts`.
    """

    phrase: str
    class_id: int
    score: float
    box: tuple[float, float, float, float]
    segmentation: Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """One sample at rest.

    Attributes:
        id: The sample's id.
        image: The image's path as it was given.
        size: Height and width of the image; zeros if it could not be read.
        regions: What was found.
        error: What went wrong, or None.
    """

    id: str
    image: str
    size: tuple[int, int]
    regions: tuple[Region, ...] = ()
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data, the same for the same result."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        """The record of a parsed line."""
        regions = tuple(
            Region(r["phrase"], r["class_id"], r["score"], tuple(r["box"]), r["segmentation"])
            for r in data["regions"]
        )
        return cls(data["id"], data["image"], tuple(data["size"]), regions, data["error"])


def record_of(result: Result) -> Record:
    """Brings a result to rest.

    Scores and boxes are rounded to 6 and 3 decimals, finer than anything they mean.
    """
    columns = zip(
        result.phrases,
        result.class_ids,
        result.scores.tolist(),
        result.boxes.tolist(),
        encode_masks(result.masks),
        strict=True,
    )
    regions = tuple(
        Region(phrase, class_id, round(score, 6), tuple(round(v, 3) for v in box), rle)
        for phrase, class_id, score, box, rle in columns
    )
    return Record(result.id, result.image.name, result.image.size, regions)
