"""Regions and templates as averages of the patches that their masks cover."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import avg_pool2d, normalize

from openseg import ops
from openseg.models.protocols import ImageFeatures
from openseg.stages.embed.by_classes import EmbedByClasses
from openseg.stages.embed.foreground_average import ForegroundAverage
from openseg.stages.embed.patches import EmbedPatches
from openseg.stages.embed.pooled_patches import PooledPatches
from openseg.stages.embed.templates import EmbedTemplates
from openseg.types import Masks, Phrase, Similarity, Template, Templates, TextEmbeddings
from tests.models.adapters.pictures import picture
from tests.stages.values import masks_of, unit


class MeanOfCells:
    """An encoder whose patches are the mean colours of 4x4 cells of a picture."""

    def __init__(self):
        self.seen = []

    def encode(self, images):
        self.seen += images
        found = []
        for one in images:
            cells = torch.nn.functional.adaptive_avg_pool2d(one.pixels.float() + 1, (4, 4))
            found.append(ImageFeatures(cells.mean(dim=(1, 2)), cells))
        return found


def test_pooling_weighs_cells_by_the_share_that_is_covered():
    features = torch.randn(5, 4, 6, generator=torch.Generator().manual_seed(0))
    masks = torch.rand(3, 16, 24, generator=torch.Generator().manual_seed(1)) < 0.3
    shares = avg_pool2d(masks[:, None].float(), 4)[:, 0]
    expected = torch.einsum("nhw,dhw->nd", shares, features) / shares.sum(dim=(1, 2))[:, None]
    torch.testing.assert_close(ops.pooling.masked_means(features, masks), expected)


def test_an_empty_mask_takes_all_cells_and_no_mask_gives_no_row():
    features = torch.randn(5, 4, 6)
    [mean] = ops.pooling.masked_means(features, torch.zeros(1, 16, 24, dtype=torch.bool))
    torch.testing.assert_close(mean, features.mean(dim=(1, 2)))
    assert ops.pooling.masked_means(features, torch.zeros(0, 16, 24, dtype=torch.bool)).shape == (
        0,
        5,
    )


def test_a_mask_finer_than_a_cell_still_has_its_cell():
    features = torch.arange(12.0).reshape(1, 3, 4)
    masks = torch.zeros(1, 30, 40, dtype=torch.bool)
    masks[0, 12, 35] = True
    assert ops.pooling.masked_means(features, masks).tolist() == [[7.0]]


def test_the_background_of_a_crop_is_black_and_does_not_count():
    image = picture(40, 60, 0)
    pixels = image.pixels.clone()
    pixels[:, 8:24, 8:24] = torch.tensor([200, 100, 50], dtype=torch.uint8)[:, None, None]
    image = type(image)(pixels, "painted")
    masks = masks_of((8, 8, 24, 24), size=(40, 60))
    encoder = MeanOfCells()
    stage = ForegroundAverage(ForegroundAverage.Config(), encoder)
    [found] = stage.run([image], [masks]).embeddings
    expected = normalize(torch.tensor([201.0, 101.0, 51.0]), dim=0)
    torch.testing.assert_close(found.vectors[0], expected)
    assert encoder.seen[0].size == (16, 16), "the box and no more"
    thin = torch.zeros(1, 40, 60, dtype=torch.bool)
    thin[0, 8:24, 8:12] = True
    stage.run([image], [Masks(thin)])
    assert not encoder.seen[-1].pixels[:, :, 0].any(), "the square around it is black"


def test_images_without_regions_beside_others_and_alone():
    encoder = MeanOfCells()
    stage = ForegroundAverage(ForegroundAverage.Config(), encoder)
    images = [picture(40, 60, 0), picture(40, 60, 1)]
    some = [masks_of(size=(40, 60)), masks_of((0, 0, 9, 9), (5, 5, 30, 30), size=(40, 60))]
    out = stage.run(images, some).embeddings
    assert [one.vectors.shape for one in out] == [(0, 3), (2, 3)]
    [none] = stage.run(images[:1], some[:1]).embeddings
    assert none.vectors.shape == (0, 3)


def test_a_template_is_embedded_as_the_same_region_of_an_image():
    encoder = MeanOfCells()
    image, masks = picture(50, 40, 2), masks_of((3, 4, 20, 30), (10, 0, 39, 44), size=(50, 40))
    names = Phrase("cup", 3, (0, 3)), Phrase("hat", 1, (0, 3))
    items = tuple(Template(image, mask, name) for mask, name in zip(masks.data, names, strict=True))
    out = EmbedTemplates(EmbedTemplates.Config(), encoder).run([Templates(items)])
    [regions] = (
        ForegroundAverage(ForegroundAverage.Config(), encoder).run([image], [masks]).embeddings
    )
    torch.testing.assert_close(out.embeddings[0].vectors, regions.vectors)
    assert out.query[0].phrases == names


@pytest.mark.parametrize("empty", [True, False])
def test_a_template_whose_mask_is_blank_is_judged_by_all_of_its_crop(empty):
    mask = torch.zeros(20, 20, dtype=torch.bool)
    if not empty:
        mask[5:9, 5:9] = True
    item = Template(picture(20, 20, 3), mask, Phrase("cup", 0, (0, 3)))
    out = EmbedTemplates(EmbedTemplates.Config(), MeanOfCells()).run([Templates((item,))])
    assert out.embeddings[0].vectors.isfinite().all()
    assert out.embeddings[0].vectors.norm() == pytest.approx(1)


def test_patches_of_the_whole_image_are_unit_vectors_pooled_under_masks():
    image = picture(40, 60, 4)
    [features] = EmbedPatches(EmbedPatches.Config(), MeanOfCells()).run([image]).features
    assert features.size == (40, 60)
    torch.testing.assert_close(features.values.norm(dim=0), torch.ones(4, 4))
    masks = masks_of((0, 0, 15, 10), (15, 10, 45, 30), size=(40, 60))
    [found] = PooledPatches(PooledPatches.Config()).run([features], [masks]).embeddings
    torch.testing.assert_close(found.vectors[0], features.values[:, 0, 0])
    middle = normalize(features.values[:, 1:3, 1:3].mean(dim=(1, 2)), dim=0)
    torch.testing.assert_close(found.vectors[1], middle)


def test_what_is_surely_one_known_class_has_the_vector_of_its_name():
    known = unit(3, 8, 0)
    chances = torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]])
    stage = EmbedByClasses(EmbedByClasses.Config())
    [found] = stage.run([Similarity(chances)], [TextEmbeddings(known)]).embeddings
    torch.testing.assert_close(found.vectors[0], known[1])
    torch.testing.assert_close(found.vectors[1], normalize(known[0] + known[2], dim=0))
