"""Masks of the views of a scene are those of their pictures, each in its view's rows."""

from __future__ import annotations

import torch

from openseg.models.store import ModelStore
from openseg.stages.propose.automatic_masks import AutomaticMasks
from openseg.stages.propose.masks_in_views import MasksInViews
from tests.contract.scene_values import VIEWS, _frames


def test_each_view_has_the_masks_of_its_picture():
    segmenter = ModelStore(device="cpu").load("sam")
    settings = {"points_per_side": 4, "min_quality": 0.0, "min_stability": 0.0}
    stage = MasksInViews(MasksInViews.Config(**settings), segmenter)
    alone = AutomaticMasks(AutomaticMasks.Config(**settings), segmenter)
    [regions], [masks] = stage.run([_frames()])
    assert len(regions) == len(masks) > 0
    for view in range(VIEWS):
        image = _frames()[view].image()
        found = alone.run([image])
        rows = regions.of_view(view)
        assert len(rows) == len(found.masks[0])
        assert torch.equal(regions.scores[rows.start : rows.stop], found.quality[0].values)
        for row, mask in zip(rows, found.masks[0].data, strict=True):
            assert torch.equal(masks.mask(row, image.size), mask)
