"""Objects drawn into views from their points, and the squares that an encoder is shown of them."""

from __future__ import annotations

import pytest
import torch

from openseg.ops.geometry import project
from openseg.stages.embed.crops_in_views import EmbedCropsInViews
from openseg.stages.segment.outlines import Outlines
from openseg.types import Instances3D, PointCloud, Rows, ViewMasks, ViewRegions
from tests import scenes
from tests.contract.scene_values import SIZE, VIEWS, _frames
from tests.stages.lift.test_boxes_to_objects import box_around

FILL = (1, 2, 3)


def crate(spacing):
    """The room as points so far apart, and which of them are the crate's."""
    points = scenes.cloud(spacing)
    low, high = scenes.BOX
    inside = ((low - 1e-6 < points) & (high + 1e-6 > points)).all(axis=1) & (points[:, 2] > 0.01)
    cloud = PointCloud(
        torch.tensor(points, dtype=torch.float32), torch.tensor(scenes.texture(points))
    )
    return cloud, Instances3D.from_masks(torch.tensor(inside)[None], torch.ones(1))


def drawn(cloud, found, **settings):
    boxes = torch.stack([box_around(view).round() for view in range(VIEWS)])
    regions = ViewRegions(torch.arange(VIEWS), boxes, torch.ones(VIEWS))
    whose = Rows(torch.zeros(VIEWS, dtype=torch.int64))
    stage = Outlines(Outlines.Config(tolerance=0.1, **settings))
    return regions, whose, stage.run([_frames()], [cloud], [found], [regions], [whose]).masks[0]


def seen_pixels(view):
    """The crate's pixels in a view: where its own points, dense enough for every pixel, fall."""
    cloud, found = crate(0.01)
    at, _ = project(cloud.positions[found.points], _frames()[view].camera)
    mask = torch.zeros(SIZE, dtype=torch.bool)
    columns, rows = at.long().unbind(dim=1)
    good = (columns >= 0) & (columns < SIZE[1]) & (rows >= 0) & (rows < SIZE[0])
    mask[rows[good], columns[good]] = True
    return mask


@pytest.mark.parametrize("spacing", [0.05, 0.1])
def test_outlines_are_whole_however_far_points_lie_apart(spacing):
    _, _, masks = drawn(*crate(spacing))
    for view in range(VIEWS):
        mask, true = masks.mask(view, SIZE), seen_pixels(view)
        assert (mask & true).sum() > 0.8 * (mask | true).sum()


def test_coarse_cells_give_coarser_masks_of_the_same_place():
    cloud, found = crate(0.05)
    _, _, fine = drawn(cloud, found)
    _, _, coarse = drawn(cloud, found, longest_side=16)
    for view in range(VIEWS):
        one, other = fine.mask(view, SIZE), coarse.mask(view, SIZE)
        assert (one & other).sum() > 0.6 * (one | other).sum()


class Seer:
    """Says which pictures it was shown."""

    mean_pixel = FILL

    def __init__(self):
        self.shown = []

    def encode_texts(self, texts):
        return torch.ones(len(texts), 4)

    def encode_images(self, images):
        self.shown += images
        return torch.ones(len(images), 4)


def test_an_encoder_sees_squares_of_an_object_with_and_without_what_is_around_it():
    cloud, found = crate(0.05)
    regions, whose, masks = drawn(cloud, found)
    seer = Seer()
    stage = EmbedCropsInViews(EmbedCropsInViews.Config(square=True, levels=1), seer)
    vectors = stage.run([_frames()], [found], [regions], [whose], [masks]).embeddings[0].vectors
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(1))
    assert len(seer.shown) == 2 * VIEWS
    for around, alone in zip(seer.shown[::2], seer.shown[1::2], strict=True):
        assert around.shape[1] == around.shape[2]
        assert alone.shape[1] == alone.shape[2]
        painted = (alone == torch.tensor(FILL)[:, None, None]).all(dim=0).float().mean()
        assert 0.2 < painted < 0.9
        left = (around == torch.tensor(FILL)[:, None, None]).all(dim=0).float().mean()
        assert left < painted


def test_masks_known_within_boxes_are_those_of_whole_pictures():
    whole = torch.rand(3, 9, 13) > 0.6
    boxes = [[2, 1, 11, 8], [0, 0, 13, 9], [5, 5, 6, 6]]
    crops = [
        mask[top:bottom, left:right]
        for mask, (left, top, right, bottom) in zip(whole, boxes, strict=True)
    ]
    masks = ViewMasks.from_crops(crops, boxes, whole.device)
    for row, (left, top, right, bottom) in enumerate(boxes):
        wanted = torch.zeros(9, 13, dtype=torch.bool)
        wanted[top:bottom, left:right] = whole[row, top:bottom, left:right]
        assert torch.equal(masks.mask(row, (9, 13)), wanted)
