"""OWLv2 against the processor and post-processing of `transformers` on the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image as Pil
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    Owlv2ForObjectDetection,
    Owlv2Processor,
)

from openseg.models.protocols import TextDetections
from openseg.models.store import ModelStore
from tests.models.detector_checkpoints import picture, save_owlv2
from tests.models.detector_contract import same

PHRASES = ["car", "car taxi", "taxi", "a red car"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("owl")
    save_owlv2(root / "owlv2")
    return root


@pytest.mark.parametrize(("height", "width"), [(64, 64), (50, 90), (200, 130)])
def test_adapter_gives_what_the_processor_of_transformers_gives(
    root: Path, height: int, width: int
) -> None:
    folder = root / "owlv2"
    model = Owlv2ForObjectDetection.from_pretrained(folder).eval()
    processor = Owlv2Processor(
        AutoImageProcessor.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    )
    image = picture(height, width)
    pixels = Pil.fromarray(image.pixels.permute(1, 2, 0).numpy())
    inputs = processor(images=pixels, text=[PHRASES], return_tensors="pt")
    with torch.no_grad():
        output = model(**inputs)
    found = processor.post_process_grounded_object_detection(
        output, threshold=0.0, target_sizes=[(height, width)]
    )[0]
    boxes = found["boxes"].clamp(min=0).minimum(torch.tensor([width, height, width, height]))
    inside = (boxes[:, 2:] > boxes[:, :2]).all(dim=1)
    expected = TextDetections(boxes[inside], output.logits[0].sigmoid()[inside])
    assert torch.equal(found["scores"][inside], expected.scores.amax(dim=1))
    ours = ModelStore(root, device="cpu").load("owlv2").detect([image], [PHRASES], 0.0)[0]
    same(ours, expected, atol=1e-2)
