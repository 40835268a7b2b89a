"""SAM 2: the trunk against timm's, prompts and masks against the class's own processor.

No second implementation of the whole of SAM 2 installs, so the prompt encoder and mask decoder are
compared with `Sam2Processor`, `Sam2Model` and `post_process_masks`, prompt by prompt.
"""

from __future__ import annotations

import pytest
import torch
from timm.models.hieradet_sam2 import HieraDet
from transformers import Sam2Processor

from openseg.models.adapters.sam2 import Sam2
from openseg.models.protocols import Prompts
from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.sam2.checkpoints import SIDE, configuration, save_sam2, save_sam2_video

BOXES = torch.tensor([[5.0, 8, 60, 70], [20, 0, 99, 40], [0, 0, 100, 80]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sam2")
    save_sam2(folder / "sam2")
    return folder


@pytest.fixture(scope="module")
def adapter(folder) -> Sam2:
    return ModelStore(folder, device="cpu").load("sam2")


@pytest.fixture(scope="module")
def reference(folder):
    model = save_sam2(folder / "again")
    return model, Sam2Processor.from_pretrained(folder / "again")


def test_image_trunk_is_timms(adapter):
    trunk = adapter._model.vision_encoder.backbone
    config = configuration()["vision_config"].backbone_config
    other = HieraDet(
        num_classes=0,
        global_pool="",
        embed_dim=config.hidden_size,
        stages=tuple(config.blocks_per_stage),
        window_spec=tuple(config.window_size_per_stage),
        global_att_blocks=tuple(config.global_attention_blocks),
        global_pos_size=tuple(config.window_positional_embedding_background_size),
    ).eval()
    names = {
        "layer_norm": "norm",
        "mlp.proj_in": "mlp.fc1",
        "mlp.proj_out": "mlp.fc2",
        "patch_embed.projection": "patch_embed.proj",
    }
    tensors = {}
    for key, tensor in trunk.state_dict().items():
        for ours, theirs in names.items():
            key = key.replace(ours, theirs)  # noqa: PLW2901
        tensors[key] = tensor
    report = other.load_state_dict(tensors, strict=False)
    assert not report.unexpected_keys
    assert all(key.startswith("head.") for key in report.missing_keys)  # not run here
    pixels = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours = trunk(pixels).intermediate_hidden_states
        theirs = other.forward_intermediates(pixels, intermediates_only=True, output_fmt="NHWC")
    assert len(ours) == len(theirs) == 4
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("candidates", [True, False])
@pytest.mark.parametrize("size", [(80, 100), (300, 210)])
def test_boxes_are_decoded_as_by_the_processor(adapter, reference, candidates, size):
    model, processor = reference
    image = picture(*size)
    inputs = processor(image.pixels, input_boxes=[BOXES.tolist()], return_tensors="pt")
    with torch.no_grad():
        expected = model(**_forward(inputs), multimask_output=candidates)
    [full] = processor.post_process_masks([expected.pred_masks[0]], [size], binarize=False)
    [found] = adapter.segment([image], [Prompts(boxes=BOXES)], candidates)
    assert expected.pred_masks.abs().max() > 0.1
    torch.testing.assert_close(found.logits, expected.pred_masks[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found.quality, expected.iou_scores[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(
        adapter.pixels(found.logits[:, 0], size), full[:, 0], atol=1e-5, rtol=1e-4
    )


def test_points_are_decoded_as_by_the_processor(adapter, reference):
    model, processor = reference
    image = picture(80, 100)
    points = torch.tensor([[[10.0, 20], [50, 60]], [[70.0, 5], [3, 70]]])
    labels = torch.tensor([[1, 0], [1, 1]])
    inputs = processor(
        image.pixels,
        input_points=[points.tolist()],
        input_labels=[labels.tolist()],
        return_tensors="pt",
    )
    with torch.no_grad():
        expected = model(**_forward(inputs), multimask_output=True)
    [found] = adapter.segment([image], [Prompts(points=points, point_labels=labels)], True)
    torch.testing.assert_close(found.logits, expected.pred_masks[0], atol=1e-5, rtol=1e-4)


def test_published_checkpoints_are_those_of_the_video_class(tmp_path):
    video = save_sam2_video(tmp_path / "sam2")
    adapter = ModelStore(tmp_path, device="cpu").load("sam2")
    kept = adapter._model.state_dict()
    for key, tensor in video.state_dict().items():
        if key in kept:
            assert torch.equal(kept[key], tensor), key
    [found] = adapter.segment([picture(50, 60)], [Prompts(boxes=BOXES)], False)
    assert found.logits.shape == (3, 1, 32, 32)


def _forward(inputs):
    return {key: value for key, value in inputs.items() if key != "original_sizes"}
