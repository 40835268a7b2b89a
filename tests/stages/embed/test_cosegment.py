"""ReCo's prototypes: the steps of the paper written out with loops, on known features."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn.functional import cosine_similarity, interpolate, normalize

from openseg.models.protocols import ImageFeatures
from openseg.stages.embed.cosegment import Cosegment, common_seeds
from openseg.stages.query.retrieve import Retrieve
from openseg.types import Neighbours, TextEmbeddings
from tests.models.adapters.pictures import picture
from tests.stages.values import unit

WIDTH, WORDS = 6, 5
GRIDS = [(3, 4), (4, 4), (2, 3)]
PICTURES = [picture(30, 40, 0), picture(40, 40, 1), picture(20, 30, 2)]


class Known:
    """An archive of three pictures, with dense features of its own at another grid than words."""

    def __init__(self, width, factor, seed):
        random = torch.Generator().manual_seed(seed)
        self.features = {
            one.digest: torch.randn(width, factor * rows, factor * columns, generator=random)
            for one, (rows, columns) in zip(PICTURES, GRIDS, strict=True)
        }

    def __len__(self):
        return 3

    def read(self, rows):
        return [PICTURES[row] for row in rows]

    def nearest(self, vectors, count, encoder):
        return torch.arange(min(count, 3)).repeat(len(vectors), 1)

    def encode(self, images):
        maps = [self.features[one.digest] for one in images]
        return [ImageFeatures(one.mean(dim=(1, 2)), one) for one in maps]


FEATURES, DENSE = Known(WIDTH, 2, 3), Known(WORDS, 1, 4)


def sigmoid(value):
    return 1 / (1 + math.exp(-float(value)))


def by_loops(rows, word, context):
    """The prototype, one place at a time."""
    places = []  # of each picture: vector and weight of each of its places
    for row in rows:
        one = FEATURES.features[PICTURES[row].digest]
        words = DENSE.features[PICTURES[row].digest]
        attention = torch.zeros(words.shape[1:])
        for y in range(words.shape[1]):
            for x in range(words.shape[2]):
                attention[y, x] = sigmoid(10 * cosine_similarity(words[:, y, x], word, dim=0))
        attention = interpolate(attention[None, None], size=one.shape[1:], mode="bilinear")[0, 0]
        found = []
        for y in range(one.shape[1]):
            for x in range(one.shape[2]):
                weight = float(attention[y, x])
                for other in context:
                    weight *= 1 - sigmoid(cosine_similarity(one[:, y, x], other, dim=0))
                found.append((one[:, y, x], weight))
        places.append(found)
    seeds = []
    for found in places:
        support = [
            sum(
                max(float(cosine_similarity(vector, v, dim=0)) * w for v, w in others)
                for others in places
            )
            for vector, _ in found
        ]
        seeds.append(found[support.index(max(support))][0])
    return normalize(torch.stack(seeds).mean(dim=0), dim=0)


@pytest.mark.parametrize("around", [0, 2])
def test_prototypes_are_those_of_the_paper(around):
    stage = Cosegment(Cosegment.Config(), FEATURES, FEATURES, DENSE)
    words, context = unit(2, WORDS, 5), unit(around, WIDTH, 6)
    rows = torch.tensor([[0, 1, 2], [2, 0, 1]])
    given = [TextEmbeddings(context)] if around else None
    [found] = stage.run([Neighbours(rows)], [TextEmbeddings(words)], given).prototypes
    for vector, word, places in zip(found.vectors, words, rows.tolist(), strict=True):
        expected = by_loops(places, word, context)
        torch.testing.assert_close(vector, expected, atol=1e-5, rtol=1e-5)


def test_seeds_lie_on_what_all_pictures_share():
    shared, clutter = unit(1, 16, 0), unit(30, 16, 1)
    pictures = [
        torch.cat([clutter[10 * k : 10 * k + 10], shared + 0.05 * clutter[k]]) for k in range(3)
    ]
    seeds = common_seeds(pictures, [torch.ones(11)] * 3)
    assert torch.equal(seeds, torch.stack([one[-1] for one in pictures]))


def test_places_where_the_words_are_not_seen_do_not_count():
    first, second = unit(2, 16, 3)
    pictures = [torch.stack([first, second]) for _ in range(3)]
    weights = [torch.tensor([0.1, 0.9])] * 3
    assert torch.equal(common_seeds(pictures, weights), torch.stack([second] * 3))


def test_an_archive_smaller_than_asked_for_gives_what_it_has():
    stage = Retrieve(Retrieve.Config(count=50), FEATURES, DENSE)
    [found] = stage.run([TextEmbeddings(unit(2, WORDS, 0))]).neighbours
    assert found.rows.shape == (2, 3)
