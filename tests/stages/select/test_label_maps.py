"""One class a pixel: from scored masks, and from heat maps; regions by size and by score."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate

from openseg.stages.select.by_size import SelectBySize
from openseg.stages.select.confident import SelectConfident
from openseg.stages.select.dense_map import DenseMap
from openseg.stages.select.label_map import LabelMap
from openseg.types import Heatmaps, Masks, Phrases, Similarity
from tests.stages.values import masks_of, query_of, similarity

SIZE = (24, 30)


def random(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def drawn(masks, phrases):
    """The label map that disjoint masks are, -1 for none."""
    assert int(masks.data.sum(dim=0).max() if len(masks) else 0) <= 1
    labels = torch.full(SIZE, -1)
    for mask, phrase in zip(masks.data, phrases.items, strict=True):
        labels[mask] = phrase.class_id
    return labels


def test_scores_add_up_over_the_masks_of_a_pixel():
    masks, scores = random(6, *SIZE) < 0.4, random(6, 5, seed=1)
    query = query_of("a", "b|c", "d", "e")
    out = LabelMap(LabelMap.Config()).run([Masks(masks)], [Similarity(scores)], [query])
    classes = torch.stack([scores[:, 0], scores[:, 1:3].amax(1), scores[:, 3], scores[:, 4]], dim=1)
    expected = torch.einsum("qc,qhw->chw", classes, masks.float()).argmax(dim=0)
    expected[~masks.any(dim=0)] = -1
    assert torch.equal(drawn(out.masks[0], out.phrases[0]), expected)


def test_pixels_of_masks_that_fit_nothing_have_no_class():
    out = LabelMap(LabelMap.Config()).run(
        [masks_of((0, 0, 5, 5), size=SIZE)], [similarity([[0.0, 0.0]])], [query_of("a", "b")]
    )
    assert len(out.masks[0]) == len(out.scores[0]) == len(out.phrases[0]) == 0
    none = LabelMap(LabelMap.Config()).run(
        [masks_of(size=SIZE)], [similarity([], 2)], [query_of("a", "b")]
    )
    assert none.masks[0].data.shape == (0, *SIZE)


def test_two_thousand_classes_and_one():
    many = query_of(*(f"thing {k}" for k in range(2000)))
    scores = random(4, 2000)
    masks = masks_of((0, 0, 15, 24), (15, 0, 30, 24), size=SIZE)
    out = LabelMap(LabelMap.Config()).run([masks], [Similarity(scores[:2])], [many])
    labels = drawn(out.masks[0], out.phrases[0])
    assert labels[0, 0] == scores[0].argmax()
    assert labels[0, 29] == scores[1].argmax()
    maps = Heatmaps(random(2000, 4, 5, seed=3), SIZE)
    dense = DenseMap(DenseMap.Config()).run([maps], [Phrases(many.phrases)])
    large = interpolate(maps.values[None], size=SIZE, mode="bilinear")[0]
    assert torch.equal(drawn(dense.masks[0], dense.phrases[0]), large.argmax(dim=0))
    one = DenseMap(DenseMap.Config()).run(
        [Heatmaps(maps.values[:1], SIZE)], [Phrases(many.phrases[:1])]
    )
    assert bool(one.masks[0].data.all())


def test_the_highest_product_of_maps_wins_and_synonyms_are_one_class():
    query = query_of("a|b", "c")
    first, second = random(3, 4, 5), random(3, 6, 7, seed=1)
    out = DenseMap(DenseMap.Config(min_value=0.2)).run(
        [Heatmaps(first, SIZE)], [Phrases(query.phrases)], [Heatmaps(second, SIZE)]
    )
    large = [interpolate(one[None], size=SIZE, mode="bilinear")[0] for one in (first, second)]
    value, place = (large[0] * large[1]).max(dim=0)
    expected = torch.where(value >= 0.2, torch.tensor([0, 0, 1])[place], -1)
    assert (expected == -1).any()
    assert torch.equal(drawn(out.masks[0], out.phrases[0]), expected)


def test_without_maps_there_is_no_class():
    nothing = Heatmaps(torch.zeros(0, 4, 5), SIZE)
    out = DenseMap(DenseMap.Config()).run([nothing], [Phrases(())])
    assert out.masks[0].data.shape == (0, *SIZE)


def test_tiny_regions_are_dropped_and_the_largest_kept_in_their_order():
    masks = masks_of((0, 0, 1, 1), (0, 0, 3, 3), (0, 0, 9, 8), (2, 2, 6, 6), (0, 0, 10, 1))
    kept = lambda **settings: SelectBySize(SelectBySize.Config(**settings)).run([masks]).rows[0]  # noqa: E731
    assert kept().index.tolist() == [0, 1, 2, 3, 4]
    assert kept(min_area=0.1).index.tolist() == [1, 2, 3, 4]
    assert kept(min_box=0.4).index.tolist() == [2, 3]  # 0.16 of 80 pixels are 12.8
    assert kept(top=2).index.tolist() == [2, 3]
    assert len(SelectBySize(SelectBySize.Config()).run([masks_of()]).masks[0]) == 0


def test_unsure_regions_are_dropped():
    stage = SelectConfident(SelectConfident.Config())
    fit = similarity([[0.5, 0.2], [0.1, 0.6], [0.51, 0.9]])
    out = stage.run([masks_of((0, 0, 1, 1), (1, 1, 2, 2), (2, 2, 3, 3))], [fit])
    assert out.rows[0].index.tolist() == [1, 2]
    assert torch.equal(out.similarity[0].values, fit.values[1:])
