"""SAM 3 as a concept segmenter: what is encoded once, what a batch gives, bad words."""

from __future__ import annotations

import pytest
import torch

from openseg.models.adapters.sam3.concepts import Sam3
from openseg.models.store import ModelStore
from openseg.models.tasks.concept_segmenting import ConceptPrompt, ConceptSegmenter
from openseg.types import Exemplars
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.models.adapters.sam3.checkpoints import save_sam3

CUP, CHAIR = ConceptPrompt("red cup"), ConceptPrompt("chair")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sam3")
    save_sam3(folder)
    return folder


@pytest.fixture
def adapter(folder):
    return ModelStore(folder, device="cpu").load("sam3")


def shown(*positive):
    boxes = torch.tensor([[2.0, 3, 30, 40], [10, 5, 50, 60]])[: len(positive)]
    return Exemplars(boxes, torch.tensor(positive), torch.zeros(len(boxes), dtype=torch.int64))


def same(one, other):
    assert one.masks.shape == other.masks.shape
    assert (one.masks != other.masks).float().mean() < 1e-3
    torch.testing.assert_close(one.boxes, other.boxes, atol=1e-2, rtol=1e-4)
    torch.testing.assert_close(one.scores, other.scores, atol=1e-5, rtol=1e-4)


def test_nothing_asked_is_nothing_found(adapter):
    assert isinstance(adapter, ConceptSegmenter)
    assert adapter.find([], [], 0.5, 0.5) == []
    assert adapter.find([picture(40, 50)], [[]], 0.5, 0.5) == [[]]


@pytest.mark.parametrize("size", [(64, 64), (200, 31), (1, 1), (3, 700)])
def test_instances_have_the_images_size_and_come_best_first(adapter, size):
    [[found]] = adapter.find([picture(*size)], [[CUP]], 0.1, 0.5)
    count = len(found.scores)
    assert count > 0
    assert found.masks.shape == (count, *size)
    assert found.masks.dtype == torch.bool
    assert (found.scores.diff() <= 0).all()
    assert (found.scores <= found.presence).all()
    height, width = size
    assert (found.boxes >= 0).all()
    assert (found.boxes <= torch.tensor([width, height, width, height])).all()


def test_a_concept_nobody_drew_gives_no_rows(adapter):
    [[found]] = adapter.find([picture(40, 50)], [[CUP]], 0.999, 0.5)
    assert found.masks.shape == (0, 40, 50)
    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == (0,)
    assert 0 < found.presence < 1


def test_images_and_texts_are_encoded_once_however_they_are_paired(adapter):
    images, texts = [], []
    model = adapter._model
    model.vision_encoder.register_forward_pre_hook(
        lambda _m, given, **_k: images.append(len(given[0]))
    )
    model.text_encoder.register_forward_pre_hook(
        lambda _m, _given, named: texts.append(len(named["input_ids"])), with_kwargs=True
    )
    one, other = picture(40, 50), picture(60, 30, 1)
    adapter.find([one, other, one], [[CUP, CHAIR], [CUP], [CHAIR]], 0.5, 0.5)
    adapter.find([other], [[CHAIR]], 0.5, 0.5)
    assert sum(images) == sum(texts) == 2


def test_a_ragged_batch_is_what_a_loop_gives(adapter, folder):
    images = [picture(80, 64, 1), picture(64, 200, 2), picture(80, 64, 3)]
    prompts = [
        [CUP, ConceptPrompt("chair", shown(True, False)), CHAIR],
        [],
        [ConceptPrompt("chair", shown(True)), *[ConceptPrompt(f"cup {i}") for i in range(9)]],
    ]
    together = adapter.find(images, prompts, 0.5, 0.5)
    assert [len(some) for some in together] == [3, 0, 10]
    for image, asked, found in zip(images, prompts, together, strict=True):
        alone = ModelStore(folder, device="cpu").load("sam3")
        for prompt, one in zip(asked, found, strict=True):
            [[single]] = alone.find([image], [[prompt]], 0.5, 0.5)
            same(one, single)


def test_text_without_a_word_and_text_too_long_are_refused(adapter):
    image = picture(40, 50)
    [[one_word]] = adapter.find([image], [[ConceptPrompt("cup")]], 0.1, 0.5)
    assert len(one_word.scores)
    with pytest.raises(InputError, match="has no word"):
        adapter.find([image], [[ConceptPrompt(" ")]], 0.1, 0.5)
    with pytest.raises(InputError, match="has 200 tokens and the detector reads at most 30"):
        adapter.find([image], [[ConceptPrompt("cup " * 200)]], 0.1, 0.5)
    [[thirty]] = adapter.find([image], [[ConceptPrompt("cup " * 30)]], 0.1, 0.5)
    assert len(thirty.scores)


def test_only_the_vision_encoder_runs_in_half_precision(folder, adapter):
    half = Sam3.load(folder / "sam3", torch.device("cpu"), torch.bfloat16)
    image = picture(80, 64)
    [[rough]] = half.find([image], [[CUP]], 0.0, 0.5)
    [[exact]] = adapter.find([image], [[CUP]], 0.0, 0.5)
    assert rough.boxes.dtype == rough.scores.dtype == torch.float32
    torch.testing.assert_close(rough.presence, exact.presence, atol=0.05, rtol=0)
    assert len(rough.boxes[:, 0].unique()) == len(rough.boxes)
