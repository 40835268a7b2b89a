"""The stages of `ours_3d` and `open_yolo_3d` find the crate in the room from 2D boxes alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from openseg.ops.geometry import project
from openseg.ops.text import parse_query
from openseg.stages.lift.label import Label
from openseg.stages.lift.merge_pieces import MergePieces
from openseg.stages.lift.pieces import Pieces
from openseg.stages.lift.snap import Snap
from openseg.stages.lift.superpoints import MakeSuperpoints
from openseg.stages.lift.visibility import Visibility
from openseg.stages.lift.vote_boxes import VoteBoxes
from openseg.stages.propose.merged_superpoints import MergedSuperpoints
from openseg.types import Phrases, PointCloud, Similarity, ViewMasks, ViewRegions
from tests import scenes
from tests.contract.scene_values import SIZE, VIEWS, _frames

POINTS = scenes.cloud(0.05)
QUERY = parse_query("crate; lamp")
IS_BOX = torch.tensor(
    ((scenes.BOX[0] - 1e-6 < POINTS) & (scenes.BOX[1] + 1e-6 > POINTS)).all(axis=1)
    & (POINTS[:, 2] > 0.01)
)


@pytest.fixture(scope="module")
def room():
    return PointCloud(
        torch.tensor(POINTS, dtype=torch.float32), torch.tensor(scenes.texture(POINTS))
    )


def box_around(view):
    corners = np.stack(np.meshgrid(*scenes.BOX.T), axis=-1).reshape(-1, 3)
    at, _ = project(torch.tensor(corners, dtype=torch.float32), _frames()[view].camera)
    low, high = at.amin(dim=0), at.amax(dim=0)
    return torch.cat([low, high]).clamp(min=0).minimum(torch.tensor([64.0, 48, 64, 48]))


def regions():
    """The crate in every view, and a lamp that only one view believes in."""
    boxes = [box_around(view) for view in range(VIEWS)]
    boxes.append(torch.tensor([2.0, 2, 20, 20]))
    views = torch.tensor([*range(VIEWS), VIEWS - 1])
    scores = torch.tensor([0.9, 0.8, 0.7, 0.3])
    crate, lamp = QUERY.phrases
    return ViewRegions(views, torch.stack(boxes), scores, Phrases((crate, crate, crate, lamp)))


def iou(points):
    found = torch.zeros(len(POINTS), dtype=torch.bool)
    found[points] = True
    seen = IS_BOX & (torch.tensor(POINTS[:, 2]) > 0.05)
    return float((found & seen).sum() / (found | seen).sum())


def merged(room, **settings):
    pieces = Pieces(Pieces.Config(tolerance=0.1)).run([_frames()], [room], [regions()]).pieces
    stage = MergePieces(MergePieces.Config(tolerance=0.1, **settings))
    return stage.run([_frames()], [room], pieces).instances[0]


def test_boxes_of_three_views_cut_the_crate_out_of_the_room(room):
    found = merged(room, min_agreement=0.2, min_share=0.7)
    assert [phrase.text for phrase in found.phrases.items] == ["crate", "lamp"]
    pieces = MakeSuperpoints(MakeSuperpoints.Config(tolerance=0.1)).run([room], [_frames()])
    snapped = Snap(Snap.Config(min_kept=0.0)).run([found], pieces.superpoints).instances[0]
    assert iou(snapped.of(0)) > 0.75
    assert iou(snapped.of(0)) > iou(found.of(0)) + 0.1  # superpoints cut off the floor around it
    assert float(snapped.scores[0]) > 2 * float(snapped.scores[1])


def test_an_object_knows_the_views_and_boxes_that_made_it(room):
    evidence = merged(room, min_agreement=0.2).evidence
    rows = evidence.of(0)
    assert evidence.views[rows].tolist() == [0, 1, 2]  # the surest first
    assert evidence.regions[rows].tolist() == [0, 1, 2]
    assert evidence.weights[rows].tolist() == pytest.approx([0.9, 0.8, 0.7])
    assert [evidence.names[view] for view in evidence.views[evidence.of(1)]] == ["frame 2"]


def test_masks_are_lifted_where_there_are_some(room):
    masks = torch.zeros(4, *SIZE, dtype=torch.bool)
    masks[:, 20:30, 20:40] = True
    packed = ViewMasks.from_masks(masks)
    found = Pieces(Pieces.Config(tolerance=0.1)).run([_frames()], [room], [regions()], [packed])
    at, _ = project(room.positions[found.pieces[0].of(0)], _frames()[0].camera)
    assert at[:, 0].min() >= 19.5
    assert at[:, 0].max() <= 39.5


def test_a_view_that_should_have_seen_an_object_lowers_its_score(room):
    found = regions()
    alone = ViewRegions(found.views[:1], found.boxes[:1], found.scores[:1], found.phrases.take([0]))
    pieces = Pieces(Pieces.Config(tolerance=0.1)).run([_frames()], [room], [alone]).pieces
    stage = MergePieces(MergePieces.Config(tolerance=0.1))
    once = stage.run([_frames()], [room], pieces).instances[0]
    assert float(once.scores[0]) == pytest.approx(0.3, abs=0.16)  # 0.9 over two or three views
    assert float(merged(room, min_agreement=0.2).scores[0]) == pytest.approx(0.8, abs=0.01)


def test_voting_names_the_proposal_that_is_the_crate(room):
    pieces = MakeSuperpoints(MakeSuperpoints.Config(tolerance=0.1)).run([room], [_frames()])
    proposals = MergedSuperpoints(MergedSuperpoints.Config()).run([room], pieces.superpoints)
    objects = proposals.instances[0]
    best = max(iou(objects.of(row)) for row in range(len(objects)))
    assert best > 0.5
    see = Visibility(Visibility.Config(tolerance=0.1)).run([_frames()], [room], proposals.instances)
    vote = VoteBoxes(VoteBoxes.Config(tolerance=0.1)).run(
        [_frames()], [room], see.instances, see.views, [regions()], [QUERY]
    )
    label = Label(Label.Config(nms_iou=0.3))
    found = label.run(see.instances, vote.similarity, [QUERY], vote.fit).instances[0]
    assert found.phrases.items[0].text == "crate"
    assert iou(found.of(0)) > best - 0.05
    assert set(found.evidence.views[found.evidence.of(0)].tolist()) <= {0, 1, 2}


def test_pairs_of_object_and_phrase_are_ranked(room):
    pieces = merged(room, min_agreement=0.2)
    objects = replace(pieces, phrases=None)
    fits = torch.tensor([[0.5, 0.2], [0.0, 0.9]])
    label = Label(Label.Config(per_object=2))
    found = label.run([objects], [Similarity(fits)], [QUERY])
    names = [phrase.text for phrase in found.instances[0].phrases.items]
    assert names == ["lamp", "crate", "lamp"]  # a fit of 0 is no answer
    assert found.rows[0].index.tolist() == [1, 0, 0]
