"""Methods of somebody else: other names, other stages, the same edge types."""

from __future__ import annotations

from typing import NamedTuple

import torch

from openseg.graph.graph import Graph
from openseg.graph.stage import Batch, Stage
from openseg.stages.fuse.join_masks import JoinMasks
from openseg.types import (
    Boxes,
    Image,
    Masks,
    Phrases,
    Rows,
    Scores,
    Similarity,
    TextQuery,
)
from tests.graph.tiny import method


class Tiles(Stage):
    """Masks without words: the image in tiles."""

    name = "acme.tiles"

    class Outputs(NamedTuple):
        areas: Batch[Masks]

    def run(self, picture: Batch[Image]) -> Outputs:
        return self.Outputs([Masks(tiles(*one.size)) for one in picture])


class Opinion(Stage):
    """A ranking that is always for the last region."""

    name = "acme.opinion"

    class Outputs(NamedTuple):
        liking: Batch[Similarity]

    def run(self, areas: Batch[Masks], wish: Batch[TextQuery]) -> Outputs:
        fits = []
        for some, one in zip(areas, wish, strict=True):
            rank = torch.arange(len(some), dtype=torch.float32)
            fits.append(Similarity(rank[:, None].repeat(1, len(one.phrases))))
        return self.Outputs(fits)


class Shorten(Stage):
    """A query with its last phrase only."""

    name = "acme.shorten"

    class Outputs(NamedTuple):
        wish: Batch[TextQuery]

    def run(self, wish: Batch[TextQuery]) -> Outputs:
        return self.Outputs([TextQuery(one.text, one.phrases[-1:]) for one in wish])


class Winner(Stage):
    """The region each phrase likes best."""

    name = "acme.winner"

    class Outputs(NamedTuple):
        areas: Batch[Masks]
        liking: Batch[Scores]
        words: Batch[Phrases]
        came_from: Batch[Rows]

    def run(
        self, areas: Batch[Masks], liking: Batch[Similarity], wish: Batch[TextQuery]
    ) -> Outputs:
        outputs = self.Outputs([], [], [], [])
        for some, fit, one in zip(areas, liking, wish, strict=True):
            rows = fit.values.argmax(dim=0) if len(some) else torch.zeros(0, dtype=torch.int64)
            columns = torch.arange(len(rows))
            outputs.areas.append(Masks(some.data[rows]))
            outputs.liking.append(Scores(fit.values[rows, columns]))
            outputs.words.append(Phrases(one.phrases[: len(rows)]))
            outputs.came_from.append(Rows(rows))
        return outputs


class Judge(Stage):
    """A choice by words alone, without any number: always the first region."""

    name = "acme.judge"

    class Outputs(NamedTuple):
        areas: Batch[Masks]
        words: Batch[Phrases]
        came_from: Batch[Rows]

    def run(self, areas: Batch[Masks], wish: Batch[TextQuery]) -> Outputs:
        outputs = self.Outputs([], [], [])
        for some, one in zip(areas, wish, strict=True):
            outputs.areas.append(Masks(some.data[:1]))
            outputs.words.append(Phrases(one.phrases[: min(1, len(some))]))
            outputs.came_from.append(Rows(torch.arange(min(1, len(some)))))
        return outputs


class Seek(Stage):
    """Boxes for words: the tiles, the first phrase for all, the last one best."""

    name = "acme.seek"

    class Outputs(NamedTuple):
        frames: Batch[Boxes]
        surety: Batch[Scores]
        words: Batch[Phrases]

    def run(self, picture: Batch[Image], wish: Batch[TextQuery]) -> Outputs:
        outputs = self.Outputs([], [], [])
        for one, said in zip(picture, wish, strict=True):
            frames = boxes(*one.size)
            outputs.frames.append(Boxes(frames))
            outputs.surety.append(Scores(torch.arange(len(frames)) / len(frames)))
            outputs.words.append(Phrases(said.phrases[:1] * len(frames)))
        return outputs


class Half(Stage):
    """Keeps the better half of the boxes."""

    name = "acme.half"

    class Outputs(NamedTuple):
        frames: Batch[Boxes]
        surety: Batch[Scores]
        words: Batch[Phrases]
        came_from: Batch[Rows]

    def run(self, frames: Batch[Boxes], surety: Batch[Scores], words: Batch[Phrases]) -> Outputs:
        outputs = self.Outputs([], [], [], [])
        for some, sure, said in zip(frames, surety, words, strict=True):
            rows = sure.values.argsort(descending=True, stable=True)[: (len(some) + 1) // 2]
            outputs.frames.append(Boxes(some.xyxy[rows]))
            outputs.surety.append(Scores(sure.values[rows]))
            outputs.words.append(said.take(rows.tolist()))
            outputs.came_from.append(Rows(rows))
        return outputs


class Fill(Stage):
    """Masks for boxes: the boxes themselves."""

    name = "acme.fill"

    class Outputs(NamedTuple):
        areas: Batch[Masks]

    def run(self, picture: Batch[Image], frames: Batch[Boxes]) -> Outputs:
        return self.Outputs(
            [Masks(filled(some.xyxy, *one.size)) for one, some in zip(picture, frames, strict=True)]
        )


class Large(Stage):
    """Keeps regions of more than one pixel; has no idea of words."""

    name = "acme.large"

    class Outputs(NamedTuple):
        areas: Batch[Masks]
        came_from: Batch[Rows]

    def run(self, areas: Batch[Masks]) -> Outputs:
        rows = [(some.data.flatten(1).sum(1) > 1).nonzero()[:, 0] for some in areas]
        kept = [Masks(some.data[index]) for some, index in zip(areas, rows, strict=True)]
        return self.Outputs(kept, [Rows(index) for index in rows])


class Grow(Stage):
    """Boxes a little larger the surer they are."""

    name = "acme.grow"

    class Outputs(NamedTuple):
        frames: Batch[Boxes]

    def run(self, frames: Batch[Boxes], surety: Batch[Scores]) -> Outputs:
        pairs = zip(frames, surety, strict=True)
        return self.Outputs([Boxes(some.xyxy + sure.values[:, None]) for some, sure in pairs])


def boxes(height: int, width: int) -> torch.Tensor:
    """Four by four boxes that tile an image, float32 `[16, 4]`."""
    y, x = torch.meshgrid(torch.arange(4), torch.arange(4), indexing="ij")
    corner = torch.stack([x.flatten(), y.flatten()], dim=1)
    size = torch.tensor([width // 4, height // 4])
    return torch.cat([corner * size, (corner + 1) * size], dim=1).float()


def filled(xyxy: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Masks that fill boxes, bool `[n, h, w]`."""
    data = torch.zeros(len(xyxy), height, width, dtype=torch.bool)
    for mask, (left, top, right, bottom) in zip(data, xyxy.int().tolist(), strict=True):
        mask[top:bottom, left:right] = True
    return data


def tiles(height: int, width: int) -> torch.Tensor:
    """The tiles as masks."""
    return filled(boxes(height, width), height, width)


def ranks_tiles() -> Graph:
    """Proposals without words, ranked by words."""
    return method(
        {
            "cut": (Tiles, {"picture": "image"}),
            "ask": (Opinion, {"areas": "cut.areas", "wish": "query"}),
            "take": (Winner, {"areas": "cut.areas", "liking": "ask.liking", "wish": "query"}),
        },
        {"areas": "take.areas", "liking": "take.liking", "words": "take.words"},
        image=Image,
        query=TextQuery,
    )


def ranks_tiles_by_a_shorter_query() -> Graph:
    """As `ranks_tiles`, with a stage that rewrites the query first."""
    return method(
        {
            "cut": (Tiles, {"picture": "image"}),
            "trim": (Shorten, {"wish": "query"}),
            "ask": (Opinion, {"areas": "cut.areas", "wish": "trim.wish"}),
            "take": (Winner, {"areas": "cut.areas", "liking": "ask.liking", "wish": "trim.wish"}),
        },
        {"areas": "take.areas", "liking": "take.liking", "words": "take.words"},
        image=Image,
        query=TextQuery,
    )


def judges_tiles() -> Graph:
    """Proposals without words, chosen by words without a ranking."""
    return method(
        {
            "cut": (Tiles, {"picture": "image"}),
            "pick": (Judge, {"areas": "cut.areas", "wish": "query"}),
        },
        {"areas": "pick.areas", "words": "pick.words"},
        image=Image,
        query=TextQuery,
    )


def seeks_and_fills() -> Graph:
    """Boxes for words, half of them dropped, the others filled."""
    return method(
        {
            "find": (Seek, {"picture": "image", "wish": "query"}),
            "drop": (
                Half,
                {"frames": "find.frames", "surety": "find.surety", "words": "find.words"},
            ),
            "paint": (Fill, {"picture": "image", "frames": "drop.frames"}),
        },
        {"areas": "paint.areas", "surety": "drop.surety", "words": "drop.words"},
        image=Image,
        query=TextQuery,
    )


def fills_twice() -> Graph:
    """Two masks for each box, brought together, of which large ones are kept."""
    return method(
        {
            "find": (Seek, {"picture": "image", "wish": "query"}),
            "once": (Fill, {"picture": "image", "frames": "find.frames"}),
            "again": (Fill, {"picture": "image", "frames": "find.frames"}),
            "both": (
                JoinMasks,
                {
                    "first": "once.areas",
                    "first_scores": "find.surety",
                    "second": "again.areas",
                    "second_scores": "find.surety",
                },
            ),
            "sift": (Large, {"areas": "both.masks"}),
        },
        {"areas": "sift.areas"},
        image=Image,
        query=TextQuery,
    )


def grows_by_score() -> Graph:
    """Boxes whose place depends on their score."""
    return method(
        {
            "find": (Seek, {"picture": "image", "wish": "query"}),
            "grow": (Grow, {"frames": "find.frames", "surety": "find.surety"}),
            "paint": (Fill, {"picture": "image", "frames": "grow.frames"}),
        },
        {"areas": "paint.areas", "surety": "find.surety"},
        image=Image,
        query=TextQuery,
    )
