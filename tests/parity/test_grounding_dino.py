"""Grounding DINO against independent paths: the processor of `transformers`, the authors' code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image as Pil
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    BertConfig,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoProcessor,
    SwinConfig,
)

from openseg.models.adapters.grounding_dino.keys import to_original
from openseg.models.pretrained import assign
from openseg.models.protocols import TextDetections
from openseg.models.store import ModelStore
from tests.models.detector_checkpoints import picture, save_grounding_dino
from tests.models.detector_contract import same

PHRASES = ["car", "car taxi", "taxi", "red car", "Car", "mugs", "t rex"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("grounding")
    folder = save_grounding_dino(root / "grounding-dino")
    (root / "grounding-dino-original").symlink_to(folder, target_is_directory=True)
    return root


def published_path(folder: Path, height: int, width: int, phrases: list[str]) -> TextDetections:
    """What a reader of the documentation of `transformers` would write, labels by character."""
    model = GroundingDinoForObjectDetection.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    processor = GroundingDinoProcessor(AutoImageProcessor.from_pretrained(folder), tokenizer)
    pixels = picture(height, width).pixels.permute(1, 2, 0).numpy()
    inputs = processor(images=Pil.fromarray(pixels), text=[phrases], return_tensors="pt")
    with torch.no_grad():
        output = model(**inputs)
    found = processor.post_process_grounded_object_detection(
        output, threshold=0.0, target_sizes=[(height, width)]
    )[0]
    caption = ". ".join(phrase.lower() for phrase in phrases) + "."
    coded = tokenizer(caption, return_offsets_mapping=True)
    assert coded["input_ids"] == inputs["input_ids"][0].tolist()
    scores, start = [], 0
    for phrase in phrases:
        end = start + len(phrase)
        mine = [i for i, (a, b) in enumerate(coded["offset_mapping"]) if start <= a < b <= end]
        scores.append(output.logits[0].sigmoid()[:, mine].amax(dim=1))
        start = end + len(". ")
    limit = torch.tensor([width, height, width, height])
    return TextDetections(found["boxes"].clamp(min=0).minimum(limit), torch.stack(scores, dim=1))


@pytest.mark.parametrize(("height", "width"), [(96, 96), (60, 100), (130, 75)])
def test_adapter_gives_what_the_processor_of_transformers_gives(
    root: Path, height: int, width: int
) -> None:
    detector = ModelStore(root, device="cpu").load("grounding-dino")
    ours = detector.detect([picture(height, width)], [PHRASES], 0.0)[0]
    same(ours, published_path(root / "grounding-dino", height, width, PHRASES), atol=1e-2)


def raw(detector: Any, phrases: list[str], height: int, width: int) -> tuple[torch.Tensor, ...]:
    prompts = detector._prompts(phrases)
    with torch.inference_mode():
        maps = detector.encode(detector._preprocess(picture(height, width))[None])
        logits, boxes = detector.ground(maps, prompts)
    return *maps, logits[0, :, : len(prompts[0].ids)], boxes[0]


def same_queries(ours: torch.Tensor, theirs: torch.Tensor, atol: float, others: int = 0) -> None:
    """Queries by [logits, box]; those that nearly tie may be numbered differently.

    Of places that nearly tie for the last queries one side may choose another: so many `others`.
    """
    distance = (ours[:, None] - theirs[None]).abs().amax(dim=2)
    found = distance.amin(dim=1) < atol
    assert int((~found).sum()) <= others, distance.amin(dim=1).sort().values[-others - 1 :]
    partners = distance.argmin(dim=1)[found].tolist()
    assert len(set(partners)) == len(partners)


@pytest.fixture(scope="module")
def both(root: Path) -> tuple[Any, Any]:
    pytest.importorskip("groundingdino.models.GroundingDINO.groundingdino", exc_type=ImportError)
    store = ModelStore(root, device="cpu")
    return store.load("grounding-dino"), store.load("grounding-dino-original")


@pytest.mark.parametrize(("height", "width"), [(96, 96), (60, 100), (130, 75)])
def test_transformers_gives_what_the_original_code_gives(
    both: tuple[Any, Any], height: int, width: int
) -> None:
    ours, theirs = (raw(one, PHRASES, height, width) for one in both)
    for level, other in zip(ours[:-2], theirs[:-2], strict=True):
        torch.testing.assert_close(level, other, atol=1e-5, rtol=1e-5)
    same_queries(torch.cat(ours[-2:], dim=1), torch.cat(theirs[-2:], dim=1), atol=5e-4)


@pytest.mark.slow
def test_full_width_agrees_with_the_original_code() -> None:
    """Swin-T and BERT-base, 172 M weights, 900 queries; logits reach 45."""
    pytest.importorskip("groundingdino.models.GroundingDINO.groundingdino", exc_type=ImportError)
    from openseg.models.adapters.grounding_dino.original_model import OriginalModel, unpadded

    swin = SwinConfig(
        embed_dim=96,
        depths=[2, 2, 6, 2],
        num_heads=[3, 6, 12, 24],
        out_features=["stage2", "stage3", "stage4"],
    )
    config = GroundingDinoConfig(backbone_config=swin, text_config=BertConfig())
    torch.manual_seed(0)
    model = GroundingDinoForObjectDetection(config).eval()
    for name, weight in model.named_parameters():
        if weight.ndim < 2 or any(part in name for part in ("bbox_embed", "self_attn")):
            weight.data += 0.02 * torch.randn_like(weight)
    original = OriginalModel(config, [101, 102, 1012, 1029])
    weights = to_original(model.state_dict())
    assign(original, weights, Path(), torch.device("cpu"), torch.float32, ["position_index$"])
    ids = torch.tensor([[101, 2417, 2482, 1012, 4937, 1012, 102]])  # red car. cat.
    pixels = torch.randn(1, 3, 224, 320)
    with torch.inference_mode():
        ours = model(pixel_values=pixels, input_ids=ids)
        theirs = original(unpadded(pixels), captions=ids.tolist())
    same_queries(
        torch.cat([ours.logits[0, :, : ids.shape[1]], ours.pred_boxes[0]], dim=1),
        torch.cat([theirs["pred_logits"][0, :, : ids.shape[1]], theirs["pred_boxes"][0]], dim=1),
        atol=5e-3,  # a ten thousandth of the largest logit; 9e-5 to 4e-3, as the processor adds
        others=9,
    )
