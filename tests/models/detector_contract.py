"""What every `TextDetector` keeps, whatever the family; used by one test file a family."""

from __future__ import annotations

from typing import Any

import torch

from openseg.models.protocols import TextDetections, TextDetector
from tests.models.detector_checkpoints import picture

PICTURES = [picture(50, 80), picture(96, 96, 1), picture(80, 50, 2), picture(50, 80, 3)]
PHRASES = [["red car", "taxi", "a dog"], ["cat"], ["bus", "bus", "red car"], ["person", "a mug"]]


def same(a: TextDetections, b: TextDetections, atol: float = 1e-3) -> None:
    """Equal as sets: float noise may swap rows whose scores tie."""
    assert a.boxes.shape == b.boxes.shape
    assert a.scores.shape == b.scores.shape
    rows_a, rows_b = (torch.cat([x.boxes, 100 * x.scores], dim=1) for x in (a, b))
    distance = (rows_a[:, None] - rows_b[None]).abs().amax(dim=2)
    if len(distance):
        assert distance.amin(dim=1).max() < atol
        assert distance.amin(dim=0).max() < atol


def check_form(detector: Any) -> None:
    assert isinstance(detector, TextDetector)
    for image, phrases, found in zip(
        PICTURES, PHRASES, detector.detect(PICTURES, PHRASES, 0.0), strict=True
    ):
        height, width = image.size
        assert found.boxes.dtype == found.scores.dtype == torch.float32
        assert found.scores.shape == (len(found.boxes), len(phrases))
        assert len(found.boxes) > 0
        assert ((found.scores >= 0) & (found.scores <= 1)).all()
        assert (found.boxes >= 0).all()
        assert (found.boxes[:, :2] < found.boxes[:, 2:]).all()
        assert (found.boxes[:, 2] <= width).all()
        assert (found.boxes[:, 3] <= height).all()
        best = found.scores.amax(dim=1)
        assert (best[:-1] >= best[1:]).all()


def check_batch_is_loop(detector: Any) -> None:
    batch = detector.detect(PICTURES, PHRASES, 0.0)
    for image, phrases, found in zip(PICTURES, PHRASES, batch, strict=True):
        same(found, detector.detect([image], [phrases], 0.0)[0])


def check_pruning(detector: Any) -> None:
    everything = detector.detect(PICTURES[:1], PHRASES[:1], 0.0)[0]
    best = everything.scores.amax(dim=1)
    level = best.median().item()
    some = detector.detect(PICTURES[:1], PHRASES[:1], level)[0]
    assert len(some.boxes) == int((best >= level).sum())
    none = detector.detect(PICTURES[:1], PHRASES[:1], 1.1)[0]
    assert none.boxes.shape == (0, 4)
    assert none.scores.shape == (0, 3)


def check_odd_sizes(detector: Any) -> None:
    odd = [picture(1, 1), picture(9, 700, 1), picture(700, 3, 2)]
    for image, found in zip(odd, detector.detect(odd, [["car"]] * 3, 0.0), strict=True):
        height, width = image.size
        assert (found.boxes[:, 2] <= width).all()
        assert (found.boxes[:, 3] <= height).all()
    assert detector.detect([], [], 0.0) == []


def check_memo(detector: Any, encoder: torch.nn.Module) -> None:
    """One new picture, met by two samples and then again, is encoded once."""
    fresh = picture(70, 70, seed=99)
    encoded: list[int] = []
    hook = encoder.register_forward_hook(lambda _m, _i, _o: encoded.append(1))
    try:
        first = detector.detect([fresh, fresh], [["red car"], ["taxi"]], 0.0)
        again = detector.detect([fresh], [["taxi"]], 0.0)
    finally:
        hook.remove()
    assert len(encoded) == 1
    same(first[1], again[0])
