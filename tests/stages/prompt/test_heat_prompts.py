"""Prompts lie where a map is warm, and a map without a peak gives none."""

from __future__ import annotations

import torch

from openseg.stages.prompt.heat_peaks import HeatPeaks
from openseg.stages.prompt.heat_regions import HeatRegions
from openseg.types import Heatmaps, Phrase, Phrases

SIZE = (96, 128)


def maps(*values):
    return Heatmaps(torch.stack(values), SIZE)


def spot(top, left, height=3, width=4, high=1.0):
    """A map of 12 x 16 cells of 8 pixels with a warm rectangle on cool ground."""
    values = torch.full((12, 16), 0.1)
    values[top : top + height, left : left + width] = high
    return values


def named(count):
    return Phrases(tuple(Phrase(f"thing {i}", i, (0, 1)) for i in range(count)))


FLAT = torch.full((12, 16), 0.3)


def test_points_and_box_lie_in_the_largest_warm_region():
    two = torch.maximum(spot(1, 1), spot(8, 10, 2, 2))
    [points], [boxes], [scores], [phrases], [rows] = HeatRegions(HeatRegions.Config(points=5)).run(
        [maps(FLAT, two)], [named(2)]
    )
    assert [phrase.text for phrase in phrases.items] == ["thing 1"]
    assert rows.index.tolist() == [1]
    assert points.labels.tolist() == [[1] * 5]
    # Cells 1-3 and 1-4 of 8 pixels; interpolation rounds the rim by a fraction of a cell.
    left, top, right, bottom = boxes.xyxy[0].tolist()
    assert (abs(left - 8), abs(top - 8)) < (3, 3)
    assert abs(right - 40) < 3
    assert abs(bottom - 32) < 3
    for x, y in points.xy[0].tolist():
        assert left <= x <= right
        assert top <= y <= bottom
    assert 0.85 < float(scores.values[0]) <= 1.0


def test_a_concept_nobody_drew_gives_no_prompt():
    outputs = HeatRegions(HeatRegions.Config()).run([maps(FLAT, FLAT * 0)], [named(2)])
    assert all(len(values[0]) == 0 for values in outputs)
    outputs = HeatPeaks(HeatPeaks.Config()).run([maps(FLAT, FLAT * 0)], [named(2)])
    assert all(len(values[0]) == 0 for values in outputs)
    weak = spot(2, 2, high=0.11)
    assert len(HeatRegions(HeatRegions.Config()).run([maps(weak)], [named(1)]).points[0]) == 0
    eager = HeatRegions.Config(min_contrast=1.0)
    assert len(HeatRegions(eager).run([maps(weak)], [named(1)]).points[0]) == 1


def test_the_seed_decides_the_points():
    given = [maps(spot(2, 2))], [named(1)]
    first, again, other = (
        HeatRegions(HeatRegions.Config(seed=seed)).run(*given).points[0].xy for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_peaks_are_inside_and_valleys_outside():
    values = spot(2, 3)
    values[9:, 12:] = 0.0
    [points], [scores], _, _ = HeatPeaks(HeatPeaks.Config()).run([maps(values)], [named(1)])
    assert points.labels.tolist() == [[1, 1, 1, 1, 0, 0, 0, 0]]
    warm, cold = points.xy[0, :4], points.xy[0, 4:]
    assert ((warm >= torch.tensor([24, 16])) & (warm <= torch.tensor([56, 40]))).all()
    assert (cold > torch.tensor([90, 66])).all()
    assert float(scores.values[0]) > 0.9


def test_one_group_of_one_cell_is_the_peak():
    values = spot(2, 3)
    values[4, 5] = 2.0
    config = HeatPeaks.Config(cells=1, inside=1, outside=0, grid=12)
    wide = Heatmaps(values[None, :, :12], (96, 96))
    [points], _, _, _ = HeatPeaks(config).run([wide], [named(1)])
    assert points.xy.tolist() == [[[44, 36]]]
