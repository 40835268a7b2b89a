"""What every promptable segmenter must keep: SAM, SAM 2, and SAM by its authors' code."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from openseg.models.adapters import prompt_rows
from openseg.models.protocols import Prompts, PromptSegmenter
from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.sam.checkpoints import tiny_twins
from tests.parity.sam2.checkpoints import save_sam2

FAMILIES = ("sam", "sam-original", "sam2")
SIDE = 32  # of the low-resolution logits: a quarter of the 128 pixels of these networks
BOXES = torch.tensor([[5.0, 8, 60, 70], [20, 0, 99, 40], [0, 0, 100, 80]])
POINTS = torch.tensor([[[30.0, 40], [0, 0], [0, 0]], [[10.0, 10], [70, 60], [20, 50]]])
LABELS = torch.tensor([[1, -1, -1], [1, 0, 1]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("segmenters")
    tiny_twins(folder)
    save_sam2(folder / "sam2")
    return folder


@pytest.fixture(params=FAMILIES)
def segmenter(request, folder):
    return ModelStore(folder, device="cpu").load(request.param)


def count_encodings(segmenter) -> list[int]:
    """Grows by the batch size whenever the image encoder runs."""
    calls: list[int] = []
    network = getattr(segmenter, "_model", None)
    encoder = segmenter._network.image_encoder if network is None else network.vision_encoder
    encoder.register_forward_pre_hook(lambda _, args: calls.append(len(args[0])))
    return calls


def close(a, b):
    torch.testing.assert_close(a.logits, b.logits, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(a.quality, b.quality, atol=1e-5, rtol=1e-4)


def test_fulfils_the_protocol(segmenter):
    assert isinstance(segmenter, PromptSegmenter)


def test_several_candidates_or_the_single_mask(segmenter):
    image, prompts = picture(80, 100), Prompts(boxes=BOXES)
    [several] = segmenter.segment([image], [prompts], candidates=True)
    [single] = segmenter.segment([image], [prompts], candidates=False)
    assert several.logits.shape == (3, 3, SIDE, SIDE)
    assert several.quality.shape == (3, 3)
    assert single.logits.shape == (3, 1, SIDE, SIDE)
    assert several.logits.dtype == single.quality.dtype == torch.float32


@pytest.mark.parametrize(
    "prompts",
    [
        Prompts(),
        Prompts(boxes=torch.zeros(0, 4)),
        Prompts(points=torch.zeros(0, 2, 2), point_labels=torch.zeros(0, 2, dtype=torch.int64)),
        Prompts(boxes=torch.zeros(0, 4), logits=torch.zeros(0, SIDE, SIDE)),
    ],
)
def test_no_prompts_give_no_masks(segmenter, prompts):
    [found] = segmenter.segment([picture(80, 100)], [prompts], candidates=True)
    assert found.logits.shape == (0, 3, SIDE, SIDE)
    assert found.quality.shape == (0, 3)
    assert segmenter.pixels(found.logits[:, 0], (80, 100)).shape == (0, 80, 100)


def test_no_images_give_nothing(segmenter):
    assert segmenter.segment([], [], candidates=True) == []


def test_a_ragged_batch_is_what_a_loop_gives(segmenter):
    images = [picture(80, 100, 1), picture(128, 50, 2), picture(90, 90, 3), picture(30, 40, 4)]
    earlier = torch.randn(3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    prompts = [
        Prompts(boxes=BOXES),
        Prompts(points=POINTS, point_labels=LABELS),
        Prompts(boxes=BOXES, logits=earlier),
        Prompts(boxes=BOXES[:2], points=POINTS, point_labels=LABELS),
    ]
    together = segmenter.segment(images, prompts, candidates=True)
    for image, one, found in zip(images, prompts, together, strict=True):
        [alone] = segmenter.segment([image], [one], candidates=True)
        close(found, alone)


def test_padding_points_change_nothing(segmenter):
    image = picture(80, 100)
    [padded] = segmenter.segment([image], [Prompts(points=POINTS, point_labels=LABELS)], True)
    for row, count in enumerate([1, 3]):
        bare = Prompts(
            points=POINTS[row : row + 1, :count], point_labels=LABELS[row : row + 1, :count]
        )
        [found] = segmenter.segment([image], [bare], True)
        close(found, replace(padded, logits=padded.logits[[row]], quality=padded.quality[[row]]))


def test_padding_points_beside_a_box_leave_the_box(segmenter):
    image = picture(80, 100)
    padding = Prompts(
        boxes=BOXES,
        points=torch.zeros(3, 2, 2),
        point_labels=torch.full((3, 2), -1),
    )
    [padded] = segmenter.segment([image], [padding], False)
    [bare] = segmenter.segment([image], [Prompts(boxes=BOXES)], False)
    close(padded, bare)


def test_each_kind_of_prompt_matters(segmenter):
    image = picture(80, 100)
    earlier = torch.randn(3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)) * 5
    asked = [
        Prompts(boxes=BOXES),
        Prompts(boxes=BOXES + 7),
        Prompts(boxes=BOXES, logits=earlier),
        Prompts(logits=earlier),
        Prompts(points=BOXES[:, None, :2], point_labels=torch.ones(3, 1, dtype=torch.int64)),
        Prompts(points=BOXES[:, None, :2], point_labels=torch.zeros(3, 1, dtype=torch.int64)),
    ]
    found = segmenter.segment([image] * len(asked), asked, candidates=True)
    for a in range(len(found)):
        for b in range(a):
            assert (found[a].logits - found[b].logits).abs().max() > 1e-4, (a, b)


def test_an_image_is_encoded_once(segmenter):
    calls = count_encodings(segmenter)
    image, other = picture(80, 100, 11), picture(80, 100, 12)
    segmenter.segment([image, image, other], [Prompts(boxes=BOXES)] * 3, candidates=True)
    assert sum(calls) == 2
    segmenter.segment([other], [Prompts(boxes=BOXES + 1)], candidates=False)
    segmenter.segment([image], [Prompts(points=POINTS, point_labels=LABELS)], candidates=True)
    assert sum(calls) == 2


def test_many_prompts_are_decoded_in_chunks(segmenter, monkeypatch):
    image = picture(80, 100)
    corner = torch.rand(23, 2, generator=torch.Generator().manual_seed(1)) * 40
    boxes = torch.cat([corner, corner + 30], dim=1)
    [whole] = segmenter.segment([image], [Prompts(boxes=boxes)], candidates=True)
    monkeypatch.setattr(prompt_rows, "ROWS_PER_CALL", 4)
    [parts] = segmenter.segment([image], [Prompts(boxes=boxes)], candidates=True)
    close(parts, whole)


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (900, 2), (3, 3), (700, 300)])
def test_images_of_any_shape(segmenter, size):
    height, width = size
    box = torch.tensor([[0.0, 0, width, height]])
    [found] = segmenter.segment([picture(*size)], [Prompts(boxes=box)], candidates=False)
    pixels = segmenter.pixels(found.logits[:, 0], size)
    assert pixels.shape == (1, *size)
    assert pixels.dtype == torch.float32
    assert pixels.isfinite().all()


@pytest.mark.parametrize("family", FAMILIES)
def test_half_precision_comes_out_as_float32(folder, family):
    half = ModelStore(folder, device="cpu", dtype="bfloat16").load(family)
    full = ModelStore(folder, device="cpu").load(family)
    asked = [
        Prompts(boxes=BOXES[:2], points=POINTS, point_labels=LABELS),
        Prompts(boxes=BOXES, logits=torch.randn(3, SIDE, SIDE)),
    ]
    images = [picture(80, 100), picture(64, 64)]
    for a, b in zip(
        half.segment(images, asked, True), full.segment(images, asked, True), strict=True
    ):
        assert a.logits.dtype == a.quality.dtype == torch.float32
        assert (a.logits - b.logits).abs().max() < 0.2 * b.logits.abs().max()
