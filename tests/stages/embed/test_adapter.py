"""The weight adapter: NIDS-Net's layer and loss, trained on templates, the same every time."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn.functional import normalize

from openseg import ops
from openseg.stages.embed.adapt import Adapt
from openseg.stages.embed.fit_adapter import FitAdapter, info_nce
from openseg.types import RegionEmbeddings, TextEmbeddings
from tests.stages.values import query_of, unit


def bank(things=4, views=6, width=32, noise=1.0, seed=0):
    """Views of things whose likeness lies in half of the entries; the rest is noise."""
    random = torch.Generator().manual_seed(seed)
    own = torch.randn(things, 1, width // 2, generator=random)
    own = own + 0.3 * torch.randn(things, views, width // 2, generator=random)
    rest = noise * torch.randn(things, views, width // 2, generator=random)
    vectors = normalize(torch.cat([own, rest], dim=2).reshape(things * views, width), dim=1)
    names = ("|".join([f"thing {k}"] * views) for k in range(things))
    return TextEmbeddings(vectors), query_of(*names)


def fit(templates, query, **settings):
    stage = FitAdapter(FitAdapter.Config(**settings))
    return stage.run([templates], [query]).adapter[0]


def apart(vectors, views=6):
    """Mean cosine within things minus that between them."""
    labels = torch.arange(len(vectors)) // views
    same = labels[:, None] == labels[None]
    cosines = vectors @ vectors.T
    return float(
        cosines[same & ~torch.eye(len(vectors), dtype=torch.bool)].mean() - cosines[~same].mean()
    )


def test_the_layer_is_the_papers():
    width, hidden, scale = 16, 4, 10 * math.sqrt(16)
    layers = nn.Sequential(
        nn.Linear(width, hidden, bias=False),
        nn.ReLU(),
        nn.Linear(hidden, width, bias=False),
        nn.ReLU(),
    )
    vectors = unit(5, width, 0)
    long = scale * vectors
    expected = normalize(layers(long).sigmoid() * long, dim=1)
    found = ops.adapter.weigh(vectors, layers[0].weight, layers[2].weight, scale)
    torch.testing.assert_close(found, expected)


def test_the_loss_is_the_papers():
    vectors, labels = unit(6, 8, 3), torch.tensor([0, 1, 0, 2, 1, 0])
    losses = []
    for i in range(6):
        likeness = [math.exp(float(vectors[i] @ vectors[j]) / 0.05) for j in range(6)]
        positive = sum(v for j, v in enumerate(likeness) if j != i and labels[j] == labels[i])
        negative = sum(v for j, v in enumerate(likeness) if labels[j] != labels[i])
        losses.append(-math.log(positive / (positive + negative + 1e-8) + 1e-8))
    torch.testing.assert_close(info_nce(vectors, labels, 0.05), torch.tensor(losses).mean())


def test_training_brings_views_of_new_pictures_of_a_thing_together():
    templates, query = bank()
    adapter = fit(templates, query)
    layer = (adapter.inner, adapter.outer, adapter.scale)
    assert apart(ops.adapter.weigh(templates.vectors, *layer)) > apart(templates.vectors)
    assert adapter.inner.shape == (8, 32)
    assert not adapter.inner.requires_grad


def test_the_same_templates_give_the_same_adapter_whatever_was_drawn_before():
    templates, query = bank()
    first = fit(templates, query, batch_size=8, epochs=5)
    torch.rand(7)
    with torch.inference_mode():
        inside = TextEmbeddings(templates.vectors.clone())
        second = fit(inside, query, batch_size=8, epochs=5)
    assert torch.equal(first.inner, second.inner)
    assert torch.equal(first.outer, second.outer)
    other = fit(templates, query, batch_size=8, epochs=5, seed=1)
    assert not torch.equal(first.inner, other.inner)


def test_single_templates_leave_everything_as_it_was():
    templates, query = TextEmbeddings(unit(3, 16, 0)), query_of("a", "b", "c")
    adapter = fit(templates, query)
    regions = RegionEmbeddings(unit(4, 16, 1))
    out = Adapt(Adapt.Config()).run([regions], [templates], [adapter])
    torch.testing.assert_close(out.regions[0].vectors, regions.vectors)
    torch.testing.assert_close(out.templates[0].vectors, templates.vectors)
