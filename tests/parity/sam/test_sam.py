"""SAM: both adapters against `segment_anything.SamPredictor`, the same random weights in each.

Tolerances: 2e-5 on embeddings and logits of about 4 and 0.4 (the two implementations sum in
different orders and their decoders' layer norms differ in epsilon). Shrinking an image is rounded
to 8 bits by different code, one level apart at places, hence the wider ones there.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import torch
from segment_anything import SamPredictor

from openseg.models.protocols import Prompts
from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.sam.checkpoints import tiny_twins, vit_b_twins

BOXES = torch.tensor([[5.0, 8, 50, 60], [12, 0, 63, 40], [0, 0, 64, 64]])
POINTS = torch.tensor([[[30.0, 40], [5, 5]], [[10.0, 10], [60, 60]], [[1.5, 2.5], [33, 7]]])
LABELS = torch.tensor([[1, 0], [1, 1], [0, 1]])
EARLIER = torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(0)) * 4
PROMPTS = {
    "boxes": Prompts(boxes=BOXES),
    "points": Prompts(points=POINTS, point_labels=LABELS),
    "boxes and points": Prompts(boxes=BOXES, points=POINTS, point_labels=LABELS),
    "boxes and masks": Prompts(boxes=BOXES, logits=EARLIER),
    "points and masks": Prompts(points=POINTS, point_labels=LABELS, logits=EARLIER),
    "masks": Prompts(logits=EARLIER),
}
SIZES = [(96, 128), (64, 64), (100, 70)]
SHRUNK = [(300, 170), (480, 640)]


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    return tiny_twins(tmp_path_factory.mktemp("sam"))


@pytest.fixture(scope="module", params=["sam", "sam-original"])
def segmenter(request, twins):
    return ModelStore(twins.folder, device="cpu").load(request.param)


def predict(network, image, prompts: Prompts, candidates: bool):
    """Embedding, full-size logits, quality and low-resolution logits of the authors' predictor."""
    predictor = SamPredictor(network)
    predictor.set_image(image.pixels.permute(1, 2, 0).numpy())
    resize = predictor.transform
    return predictor.get_image_embedding(), *predictor.predict_torch(
        None
        if prompts.points is None
        else resize.apply_coords_torch(prompts.points.clone(), image.size),
        prompts.point_labels,
        None if prompts.boxes is None else resize.apply_boxes_torch(prompts.boxes, image.size),
        None if prompts.logits is None else prompts.logits[:, None],
        multimask_output=candidates,
        return_logits=True,
    )


@pytest.mark.parametrize("candidates", [True, False])
@pytest.mark.parametrize("kind", PROMPTS)
@pytest.mark.parametrize("size", SIZES)
def test_masks_are_the_predictors(twins, segmenter, kind, candidates, size):
    image = picture(*size)
    _, full, quality, low = predict(twins.network, image, PROMPTS[kind], candidates)
    assert low.abs().max() > 0.05
    [found] = segmenter.segment([image], [PROMPTS[kind]], candidates)
    torch.testing.assert_close(found.logits, low, atol=5e-5, rtol=0)
    torch.testing.assert_close(found.quality, quality, atol=5e-5, rtol=0)
    for candidate in range(full.shape[1]):
        pixels = segmenter.pixels(found.logits[:, candidate], size)
        torch.testing.assert_close(pixels, full[:, candidate], atol=5e-5, rtol=0)


@pytest.mark.parametrize("size", SIZES + SHRUNK)
def test_image_embeddings_are_the_predictors(twins, segmenter, size):
    image = picture(*size)
    embedding, *_ = predict(twins.network, image, PROMPTS["boxes"], True)
    [ours] = segmenter._encode([image])
    tolerance = 5e-3 if size in SHRUNK else 2e-5
    assert embedding.abs().max() > 1
    torch.testing.assert_close(ours, embedding[0], atol=tolerance, rtol=0)


@pytest.mark.parametrize("size", SHRUNK)
def test_masks_of_large_images_are_the_predictors(twins, segmenter, size):
    image = picture(*size)
    _, full, quality, _ = predict(twins.network, image, PROMPTS["boxes"], True)
    [found] = segmenter.segment([image], [PROMPTS["boxes"]], True)
    torch.testing.assert_close(found.quality, quality, atol=1e-3, rtol=0)
    pixels = segmenter.pixels(found.logits[:, 0], size)
    torch.testing.assert_close(pixels, full[:, 0], atol=1e-3, rtol=0)
    assert ((pixels > 0) == (full[:, 0] > 0)).float().mean() > 0.999


@pytest.fixture
def scratch():
    """A folder that is gone after the test: the checkpoints of vit_b take 750 MB."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.slow
def test_vit_b_at_full_width(scratch):
    twins = vit_b_twins(scratch)
    store = ModelStore(scratch, device="cpu")
    image = picture(480, 640)
    boxes = Prompts(boxes=torch.tensor([[50.0, 60, 400, 300], [300, 10, 639, 479]]))
    embedding, full, quality, low = predict(twins.network, image, boxes, False)

    adapter = store.load("sam")
    [found] = adapter.segment([image], [boxes], candidates=False)
    [ours] = adapter._memo.features([image], adapter._encode)
    torch.testing.assert_close(ours, embedding[0], atol=1e-4, rtol=0)
    torch.testing.assert_close(found.logits, low, atol=2e-4, rtol=0)
    torch.testing.assert_close(found.quality, quality, atol=1e-4, rtol=0)
    pixels = adapter.pixels(found.logits[:, 0], image.size)
    torch.testing.assert_close(pixels, full[:, 0], atol=2e-4, rtol=0)
    assert ((pixels > 0) == (full[:, 0] > 0)).float().mean() > 0.9999

    original = store.load("sam-original")._network
    for key, tensor in twins.network.state_dict().items():
        assert torch.equal(original.state_dict()[key], tensor), key
