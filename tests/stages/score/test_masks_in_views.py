"""Objects are named by the masks they are matched with: one object a mask, each view a vote.

The masks are those of the room that is known exactly.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from openseg.ops.text import parse_query
from openseg.stages.score.masks_in_views import MasksInViews
from openseg.types import Instances3D, Phrases, PointCloud, ViewMasks, ViewRegions
from tests import scenes
from tests.contract.scene_values import SIZE, VIEWS, K, _frames

POINTS = scenes.cloud(0.05)
IN_BOX = torch.tensor(
    ((scenes.BOX[0] - 1e-6 < POINTS) & (scenes.BOX[1] + 1e-6 > POINTS)).all(axis=1)
) & (torch.tensor(POINTS[:, 2]) > 0.01)
QUERY = parse_query("lamp; crate")
LAMP, CRATE = QUERY.phrases
SCORES = [0.9, 0.6, 0.3]


def masks_of_the_crate():
    return torch.stack(
        [torch.tensor(scenes.shows_box(pose, K, SIZE)) for pose in scenes.POSES[:VIEWS]]
    )


def regions(masks, phrases, scores, views=range(VIEWS)):
    packed = ViewMasks.from_masks(masks)
    found = ViewRegions(
        torch.tensor(list(views)), packed.boxes.float(), torch.tensor(scores), Phrases(phrases)
    )
    return found, packed


def similarity(objects, found, masks):
    cloud = PointCloud(
        torch.tensor(POINTS, dtype=torch.float32), torch.tensor(scenes.texture(POINTS))
    )
    instances = Instances3D.from_masks(torch.stack(objects), torch.ones(len(objects)))
    stage = MasksInViews(MasksInViews.Config(longest_side=64))
    columns = ([_frames()], [cloud], [instances], [found], [masks], [QUERY])
    return stage.run(*columns).similarity[0].values


def test_the_crate_is_the_crate_as_surely_as_its_masks_are():
    fits = similarity([IN_BOX, ~IN_BOX], *regions(masks_of_the_crate(), (CRATE,) * 3, SCORES))
    # Drawn and true mask are the same but for their borders, so the score is that of the masks.
    assert 0.8 * 0.6 < float(fits[0, 1]) <= 0.6
    assert float(fits[0, 0]) == 0
    assert fits[1].tolist() == [0, 0]


def test_a_mask_speaks_for_the_object_it_fits_best():
    high = torch.tensor(POINTS[:, 2]) > 0.6
    fits = similarity(
        [IN_BOX & high, IN_BOX & ~high, ~IN_BOX],
        *regions(masks_of_the_crate()[:1], (CRATE,), [0.9], [0]),
    )
    assert (fits[:, 1] > 0).sum() == 1


def test_views_that_show_an_object_and_have_no_mask_of_it_vote_against_it():
    every = masks_of_the_crate()
    thrice = similarity([IN_BOX], *regions(every, (CRATE,) * 3, [0.9] * 3))
    once = similarity([IN_BOX], *regions(every[:1], (CRATE,), [0.9], [0]))
    assert float(once[0, 1]) == pytest.approx(float(thrice[0, 1]) / 3, abs=0.03)


def test_views_may_disagree_about_a_name():
    found, masks = regions(masks_of_the_crate(), (CRATE, LAMP, CRATE), [0.6] * 3)
    fits = similarity([IN_BOX], found, masks)
    assert float(fits[0, 1]) == pytest.approx(2 * float(fits[0, 0]), rel=0.1)
    nobody = replace(found, phrases=None)
    assert similarity([IN_BOX], nobody, masks).tolist() == [[0, 0]]
