"""Ragged prompts of many images, regrouped into the rectangular batches a mask decoder takes.

Rows that have the same columns and the same number of real points are decoded together, whichever
image they belong to. Padding points never reach the network, where they would count as tokens: a
row gives the same masks however it was padded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial

import torch
from torch import Tensor

from openseg.models.adapters.chunks import in_chunks
from openseg.models.protocols import MaskLogits, Prompts

ROWS_PER_CALL = 64
"""Prompts decoded together at first. Source: points_per_batch of SAM's mask generator."""

PADDING = -1


@dataclass(frozen=True, eq=False)
class PromptRows:
    """Prompts of one decoder call; columns that are None are not used by any of its rows.

    Attributes:
        image: int64 `[n]`, which image of the batch.
        boxes: float32 `[n, 4]` xyxy in pixels of the network's input.
        points: float32 `[n, k, 2]` xy in pixels of the network's input; k may be 0.
        labels: int64 `[n, k]`, 1 inside or 0 outside.
        logits: float32 `[n, lh, lw]` of an earlier round.
    """

    image: Tensor
    boxes: Tensor | None
    points: Tensor | None
    labels: Tensor | None
    logits: Tensor | None

    def __getitem__(self, rows: slice) -> PromptRows:
        return PromptRows(
            *(None if one is None else one[rows] for one in self._columns())  # type: ignore[arg-type]
        )

    def by_image(self) -> list[tuple[int, PromptRows]]:
        """Its rows in runs of the same image, with that image."""
        images, counts = torch.unique_consecutive(self.image, return_counts=True)
        runs, start = [], 0
        for image, count in zip(images.tolist(), counts.tolist(), strict=True):
            runs.append((image, self[start : start + count]))
            start += count
        return runs

    def _columns(self) -> list[Tensor | None]:
        return [getattr(self, field.name) for field in fields(self)]

    @staticmethod
    def join(parts: Sequence[PromptRows]) -> PromptRows:
        """One batch of batches that use the same columns."""
        columns = zip(*(part._columns() for part in parts), strict=True)
        joined = [
            None if column[0] is None else torch.cat([one for one in column if one is not None])
            for column in columns
        ]
        return PromptRows(*joined)  # type: ignore[arg-type]


def alone(column: Tensor | None) -> Tensor | None:
    """Each row as the only prompt of its own batch item.

    The classes of `transformers` take prompts of one image together, which neither mixes images
    nor, in SAM's case, works with earlier masks; one prompt an item does both.
    """
    return None if column is None else column[:, None]


Decode = Callable[[PromptRows], tuple[Tensor, Tensor]]
"""Logits `[n, c, lh, lw]` and quality `[n, c]` of some rows."""


def decode_prompts(
    prompts: Sequence[Prompts],
    scales: Sequence[tuple[float, float]],
    decode: Decode,
    shape: tuple[int, int, int],
    device: torch.device,
) -> list[MaskLogits]:
    """Decodes the prompts of a batch of images.

    Args:
        prompts: For each image.
        scales: For each image, what brings x and y of the original to the network's input.
        decode: The mask decoder.
        shape: Candidates, height and width of the logits.
        device: Where results lie.

    Returns:
        One result an image, rows in the order of its prompts.
    """
    counts = [_count(one) for one in prompts]
    starts = [sum(counts[:index]) for index in range(len(counts))]
    logits = torch.empty(sum(counts), *shape, device=device)
    quality = torch.empty(sum(counts), shape[0], device=device)

    groups: dict[tuple[object, ...], list[tuple[Tensor, PromptRows]]] = {}
    for image, (one, scale) in enumerate(zip(prompts, scales, strict=True)):
        if counts[image]:
            for rows, part in _by_point_count(image, one, scale, device):
                key = (part.boxes is None, part.logits is None, _points(part))
                groups.setdefault(key, []).append((rows + starts[image], part))

    for members in groups.values():
        place = torch.cat([rows for rows, _ in members])
        batch = PromptRows.join([part for _, part in members])
        chunks = in_chunks(len(place), ROWS_PER_CALL, partial(_decode_part, decode, batch))
        logits[place] = torch.cat([some for some, _ in chunks]).float()
        quality[place] = torch.cat([rated for _, rated in chunks]).float()
    pairs = zip(torch.split(logits, counts), torch.split(quality, counts), strict=True)
    return [MaskLogits(some, rated) for some, rated in pairs]


def _decode_part(decode: Decode, batch: PromptRows, part: slice) -> tuple[Tensor, Tensor]:
    return decode(batch[part])


def _count(prompts: Prompts) -> int:
    columns = (prompts.boxes, prompts.points, prompts.logits)
    return next((len(column) for column in columns if column is not None), 0)


def _points(rows: PromptRows) -> int | None:
    return None if rows.points is None else rows.points.shape[1]


def _by_point_count(
    image: int, prompts: Prompts, scale: tuple[float, float], device: torch.device
) -> Iterator[tuple[Tensor, PromptRows]]:
    """The prompts of one image as batches without padding points, with their row numbers."""
    factor = torch.tensor(scale, dtype=torch.float32, device=device)
    boxes = None if prompts.boxes is None else prompts.boxes * factor.repeat(2)
    rows = torch.arange(_count(prompts), device=device)
    if prompts.points is None or prompts.point_labels is None:
        owner = torch.full_like(rows, image)
        yield rows, PromptRows(owner, boxes, None, None, prompts.logits)
        return
    real = prompts.point_labels != PADDING
    front = real.long().argsort(dim=1, descending=True, stable=True)
    points = prompts.points.gather(1, front[..., None].expand(-1, -1, 2)) * factor
    labels = prompts.point_labels.gather(1, front)
    counts = real.sum(dim=1)
    for count in sorted(set(counts.tolist())):
        some = rows[counts == count]
        # A box says all by itself; without one, no point at all is still a prompt of no points.
        used = count > 0 or boxes is None
        yield (
            some,
            PromptRows(
                torch.full_like(some, image),
                None if boxes is None else boxes[some],
                points[some, :count] if used else None,
                labels[some, :count] if used else None,
                None if prompts.logits is None else prompts.logits[some],
            ),
        )
