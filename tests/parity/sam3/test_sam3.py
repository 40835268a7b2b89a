"""SAM 3 against the class's own processor and post-processing, one image and phrase at a time.

No second implementation of SAM 3 installs; what is compared is all that lies around the network:
preprocessing, padding and masks of texts, pairing of images with prompts, exemplars, scores.
"""

from __future__ import annotations

import pytest
import torch
from transformers import Sam3Processor

from openseg.models.store import ModelStore
from openseg.models.tasks.concept_segmenting import ConceptPrompt
from openseg.types import Exemplars
from tests.models.adapters.pictures import picture
from tests.models.adapters.sam3.checkpoints import save_sam3, save_sam3_video

TEXTS = ("red cup", "chair", "the small wooden table with two drawers")
BOXES = torch.tensor([[5.0, 8, 60, 70], [20, 0, 99, 40]])
MIN_SCORE, MIN_MASK = 0.86, 0.5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sam3")
    save_sam3(folder)
    return folder


@pytest.fixture(scope="module")
def adapter(folder):
    return ModelStore(folder, device="cpu").load("sam3")


@pytest.fixture(scope="module")
def reference(folder, tmp_path_factory):
    model = save_sam3(tmp_path_factory.mktemp("again"))
    return model, Sam3Processor.from_pretrained(folder / "sam3")


def expected(reference, image, text, boxes=None, labels=None):
    """What the library finds for one phrase, best first, and the presence of the concept."""
    model, processor = reference
    given = {} if boxes is None else {"input_boxes": [boxes], "input_boxes_labels": [labels]}
    inputs = processor(images=image.pixels, text=text, return_tensors="pt", **given)
    sizes = inputs.pop("original_sizes").tolist()
    with torch.no_grad():
        outputs = model(**inputs)
    [found] = processor.post_process_instance_segmentation(
        outputs, threshold=MIN_SCORE, mask_threshold=MIN_MASK, target_sizes=sizes
    )
    order = found["scores"].argsort(descending=True, stable=True)
    return {k: v[order] for k, v in found.items()}, outputs.presence_logits.sigmoid().squeeze()


def check(found, wanted, size):
    library, presence = wanted
    assert len(library["scores"]) == len(found.scores)
    torch.testing.assert_close(found.scores, library["scores"], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found.presence, presence, atol=1e-5, rtol=1e-4)
    height, width = size
    edges = torch.tensor([width, height, width, height])
    boxes = library["boxes"].clamp(min=0).minimum(edges)
    torch.testing.assert_close(found.boxes, boxes, atol=1e-2, rtol=1e-4)
    assert found.masks.shape == (len(found.scores), *size)
    if len(found.masks):  # of none, the library gives the size of the network's masks
        assert (found.masks != library["masks"].bool()).float().mean() < 1e-4


def test_images_and_phrases_together_are_what_the_library_gives_one_by_one(adapter, reference):
    images = [picture(80, 100), picture(300, 210, 1)]
    prompts = [[ConceptPrompt(text) for text in TEXTS], [ConceptPrompt(TEXTS[1])]]
    found = adapter.find(images, prompts, MIN_SCORE, MIN_MASK)
    counts = []
    for image, some, results in zip(images, prompts, found, strict=True):
        for prompt, one in zip(some, results, strict=True):
            check(one, expected(reference, image, prompt.text), image.size)
            counts.append(len(one.scores))
    assert any(0 < count < 9 for count in counts)
    assert any(one.masks.float().mean() not in (0, 1) for some in found for one in some)


@pytest.mark.parametrize("text", ["chair", None])
@pytest.mark.parametrize("positive", [[True], [True, False], [False, True]])
def test_exemplars_are_read_as_by_the_library(adapter, reference, text, positive):
    image = picture(80, 100)
    boxes = BOXES[: len(positive)]
    shown = Exemplars(boxes, torch.tensor(positive), torch.zeros(len(boxes), dtype=torch.int64))
    prompt = ConceptPrompt(text or adapter.without_words, shown)
    plain = ConceptPrompt("chair")
    [[words, found]] = adapter.find([image], [[plain, prompt]], MIN_SCORE, MIN_MASK)
    labels = [int(one) for one in positive]
    wanted = expected(reference, image, text, boxes.tolist(), labels)
    check(found, wanted, image.size)
    check(words, expected(reference, image, "chair"), image.size)
    assert not torch.allclose(found.presence, words.presence, atol=1e-4)


def test_published_checkpoints_are_those_of_the_video_class(tmp_path):
    detector = save_sam3_video(tmp_path)
    adapter = ModelStore(tmp_path, device="cpu").load("sam3")
    kept = adapter._model.state_dict()
    for key, tensor in detector.state_dict().items():
        assert torch.equal(kept[key], tensor), key
    [[found]] = adapter.find([picture(50, 60)], [[ConceptPrompt("chair")]], 0.0, 0.5)
    assert found.masks.shape == (9, 50, 60)
