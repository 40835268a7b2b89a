"""Scenes with one frame, no frame, no points, no depth or nothing found go through every stage."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from openseg.graph.codec import tensors_in
from openseg.graph.registry import find_stage, stage_names
from openseg.graph.stage import signature_of
from openseg.types import (
    Frames,
    Instances3D,
    InstanceViews,
    PointCloud,
    Rows,
    Scores,
    Similarity,
    Superpoints,
    ViewMasks,
    ViewRegions,
)
from tests.contract.values import RAGGED, value_of

STAGES = [
    name
    for name in stage_names()
    if {PointCloud, Instances3D, Superpoints, InstanceViews}
    & {port.kind for port in signature_of(find_stage(name)).inputs.values()}
    and not signature_of(find_stage(name)).roles
]

NO_POINTS = {
    PointCloud: PointCloud(torch.zeros(0, 3), torch.zeros(0, 3, dtype=torch.uint8)),
    Instances3D: Instances3D.from_masks(torch.zeros(0, 0, dtype=torch.bool), torch.zeros(0)),
    Superpoints: Superpoints(
        torch.zeros(0, dtype=torch.int64),
        0,
        torch.zeros(0, 3),
        torch.zeros(0, 2, dtype=torch.int64),
    ),
}


def cut_to(frames: Frames, count: int):
    """The values of a scene with only its first frames."""

    def change(value):
        if isinstance(value, Frames):
            return value.take(list(range(count)))
        if isinstance(value, InstanceViews):
            return InstanceViews(value.visible[:, :count], value.boxes[:, :count])
        if isinstance(value, ViewRegions):
            kept = list(value.of_view(0)) if count else []
            phrases = value.phrases.take(kept)
            return ViewRegions(value.views[kept], value.boxes[kept], value.scores[kept], phrases)
        return value

    return change


def run(name, change, given=None):
    stage, known = find_stage(name), given or {}
    inputs = {
        port.name: [
            known[port.kind] if port.kind in known else change(value_of(port.kind, RAGGED[0]))
        ]
        for port in signature_of(stage).inputs.values()
    }
    for values in stage(stage.Config()).run(**inputs):
        assert len(values) == 1
        for path, tensor in tensors_in(values[0]):
            assert not tensor.is_floating_point() or tensor.isfinite().all(), path


@pytest.mark.parametrize("name", STAGES)
def test_no_points(name):
    none = {
        **NO_POINTS,
        InstanceViews: InstanceViews(torch.zeros(0, 3, dtype=torch.int64), torch.zeros(0, 3, 4)),
        Rows: Rows(torch.zeros(0, dtype=torch.int64)),
        ViewRegions: ViewRegions(
            torch.zeros(0, dtype=torch.int64), torch.zeros(0, 4), torch.zeros(0)
        ),
        ViewMasks: ViewMasks.from_masks(torch.zeros(0, 1, 1, dtype=torch.bool)),
    }
    if name in {"lift.label", "lift.vote_boxes"}:
        none[Similarity] = Similarity(torch.zeros(0, 2))
        none[Scores] = Scores(torch.zeros(0))
    run(name, lambda value: value, none)


FRAME_STAGES = [
    name
    for name in STAGES
    if Frames in {port.kind for port in signature_of(find_stage(name)).inputs.values()}
    and name not in {"lift.merge_pieces", "lift.spread_labels"}  # their pieces name their views
]


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize("name", FRAME_STAGES)
def test_one_frame_or_none(name, count):
    change = cut_to(value_of(Frames, RAGGED[0]), count)
    run(name, change)


@pytest.mark.parametrize("name", FRAME_STAGES)
def test_frames_without_depth(name):
    frames = value_of(Frames, RAGGED[0])
    blind = replace(frames, depth=(None,) * len(frames))
    run(name, lambda value: blind if isinstance(value, Frames) else value)
