"""Values of every edge type for the contract test: consistent in rows, ragged across samples."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch

from openseg.io.images import image_from
from openseg.ops.text import parse_query
from openseg.types import (
    Answer,
    Boxes,
    Concept,
    Concepts,
    Descriptions,
    Exemplars,
    FeatureAdapter,
    FeatureMap,
    Heatmaps,
    Image,
    Masks,
    Neighbours,
    ParsedPhrase,
    ParsedQuery,
    ParsedWord,
    Phrases,
    Points,
    RegionEmbeddings,
    Rows,
    Scores,
    Similarity,
    Template,
    Templates,
    TextEmbeddings,
    TextQuery,
)
from tests.contract import scene_values

VECTOR = 128
"""Length of vectors: that of the mini CLIP, so that a stage can compare them with its own."""

TEXT_WIDTH = 128
"""Length of word vectors: that of the mini Stable Diffusion."""


@dataclass(frozen=True)
class SampleShape:
    """What makes one sample differ from another."""

    seed: int
    height: int
    width: int
    regions: int
    text: str


RAGGED = (
    SampleShape(1, 96, 128, 3, "the red cup; a blue chair"),
    SampleShape(2, 64, 64, 0, "ball"),
    SampleShape(3, 120, 80, 5, "green lamp; the red cup; hat"),
)
EMPTY = SampleShape(4, 72, 96, 0, "a yellow hat; box")


def value_of(kind: type, shape: SampleShape):
    """A value of an edge type for a sample of that shape."""
    random = torch.Generator().manual_seed(shape.seed)
    n, height, width = shape.regions, shape.height, shape.width
    query = parse_query(shape.text)
    corner = torch.rand(n, 2, generator=random) * torch.tensor([width, height]) * 0.5
    size = 8 + torch.rand(n, 2, generator=random) * torch.tensor([width, height]) * 0.4
    xyxy = torch.cat([corner, corner + size], dim=1)
    makers = scene_values.makers(shape.seed, n, query) | {
        Image: lambda: image_from(
            torch.randint(0, 256, (height, width, 3), generator=random, dtype=torch.uint8).numpy(),
            f"sample {shape.seed}",
        ),
        TextQuery: lambda: query,
        ParsedQuery: lambda: ParsedQuery(tuple(_parsed(p.text) for p in query.phrases)),
        Boxes: lambda: Boxes(xyxy),
        Exemplars: lambda: _exemplars(query, height, width),
        Points: lambda: Points((corner + size / 2)[:, None], torch.ones(n, 1, dtype=torch.int64)),
        Masks: lambda: Masks(_filled(xyxy, height, width)),
        Scores: lambda: Scores(torch.rand(n, generator=random)),
        Rows: lambda: Rows(torch.arange(n)),
        Phrases: lambda: Phrases(tuple(query.phrases[i % len(query.phrases)] for i in range(n))),
        RegionEmbeddings: lambda: RegionEmbeddings(_unit(n, random)),
        TextEmbeddings: lambda: TextEmbeddings(_unit(len(query.phrases), random)),
        Similarity: lambda: Similarity(torch.rand(n, len(query.phrases), generator=random)),
        Heatmaps: lambda: Heatmaps(torch.rand(n, 9, 12, generator=random), (height, width)),
        Templates: lambda: _templates(query, random),
        Descriptions: lambda: Descriptions(
            tuple(Answer(f"a thing {i}", "what is it?", f"A thing {i}.") for i in range(n))
        ),
        Concepts: lambda: Concepts(
            tuple(
                Concept(p.text, (1,), torch.randn(1, TEXT_WIDTH, generator=random))
                for p in query.phrases
            )
        ),
        FeatureMap: lambda: FeatureMap(
            _unit(7 * 9, random).T.reshape(VECTOR, 7, 9).contiguous(), (height, width)
        ),
        FeatureAdapter: lambda: FeatureAdapter(
            torch.rand(4, VECTOR, generator=random), torch.rand(VECTOR, 4, generator=random), 10.0
        ),
        Neighbours: lambda: Neighbours(
            torch.randint(0, 3, (len(query.phrases), 2), generator=random)
        ),
    }
    return makers[kind]()


def _exemplars(query: TextQuery, height: int, width: int) -> Exemplars:
    """A box of what the first phrase means, one of what it does not, and one of the last."""
    corners = torch.tensor([[0.1, 0.1, 0.5, 0.6], [0.4, 0.2, 0.9, 0.9], [0.0, 0.5, 0.3, 0.8]])
    boxes = corners * torch.tensor([width, height, width, height])
    about = torch.tensor([0, 0, len(query.phrases) - 1])
    return Exemplars(boxes, torch.tensor([True, False, True]), about)


def _templates(query: TextQuery, random: torch.Generator) -> Templates:
    """Two pictures of what each phrase names, of different sizes."""
    items = []
    for place, phrase in enumerate(query.phrases * 2):
        height, width = 40 + 8 * place, 56
        pixels = torch.randint(0, 256, (height, width, 3), generator=random, dtype=torch.uint8)
        mask = torch.zeros(height, width, dtype=torch.bool)
        mask[10:30, 12 + place : 40] = True
        items.append(Template(image_from(pixels.numpy(), f"template {place}"), mask, phrase))
    return Templates(tuple(items))


def _parsed(text: str) -> ParsedPhrase:
    """The tree of "the red cup": articles and adjectives before a noun."""
    found = list(re.finditer(r"\S+", text))
    last = len(found) - 1
    roles = ["det" if w[0] in {"the", "a"} else "amod" for w in found[:-1]] + ["root"]
    heads = [last] * last + [-1]
    words = (
        ParsedWord(*word.span(), head, role)
        for word, head, role in zip(found, heads, roles, strict=True)
    )
    return ParsedPhrase(text, tuple(words))


def _unit(rows: int, random: torch.Generator) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.randn(rows, VECTOR, generator=random), dim=-1)


def _filled(xyxy: torch.Tensor, height: int, width: int) -> torch.Tensor:
    masks = torch.zeros(len(xyxy), height, width, dtype=torch.bool)
    for mask, (left, top, right, bottom) in zip(masks, xyxy.long().tolist(), strict=True):
        mask[top:bottom, left:right] = True
    return masks
