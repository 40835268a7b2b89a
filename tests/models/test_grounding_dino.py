"""What the Grounding DINO adapter promises beyond its numbers: spans, chunks, one encoding."""

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from openseg.models.adapters.grounding_dino.hf import GroundingDino
from openseg.models.store import ModelStore
from openseg.types.errors import InputError, MissingWeightsError
from tests.models import detector_contract as contract
from tests.models.detector_checkpoints import bert_tokenizer, picture


@pytest.fixture(scope="module")
def detector(detector_store: ModelStore) -> GroundingDino:
    loaded: GroundingDino = detector_store.load("grounding-dino")
    return loaded


def test_contract(detector: GroundingDino) -> None:
    contract.check_form(detector)
    contract.check_batch_is_loop(detector)
    contract.check_pruning(detector)
    contract.check_odd_sizes(detector)


def test_an_image_is_encoded_once_for_all_its_prompts(detector: GroundingDino) -> None:
    contract.check_memo(detector, detector.backbone)
    encoded: list[int] = []
    hook = detector.backbone.register_forward_hook(lambda _m, _i, _o: encoded.append(1))
    detector.detect([picture(60, 60, 7)], [["red car", "taxi"] * 100], 0.0)
    hook.remove()
    assert len(encoded) == 1


def test_two_thousand_phrases_keep_their_own_columns(detector: GroundingDino) -> None:
    words = ["car", "taxi", "mug", "dog", "cat", "bus", "truck", "person"]
    phrases = [f"{words[i % 8]} {i // 800}" for i in range(2000)]
    image = picture(40, 40)
    found = detector.detect([image], [phrases], 0.0)[0]
    assert found.scores.shape == (len(found.boxes), 2000)
    assert (found.scores.amax(dim=0) > 0).all()
    # Every box was asked about the phrases of one prompt, which are neighbours.
    asked = found.scores[0].nonzero()[:, 0]
    assert (asked.diff() == 1).all()
    alone = detector.detect([image], [[phrases[i] for i in asked.tolist()]], 0.0)[0]
    mine = found.scores[:, asked].amin(dim=1) > 0
    contract.same(
        type(found)(found.boxes[mine], found.scores[mine][:, asked]),
        alone,
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("t. rex", "t rex"),
        ("what?", "what"),
        ("Red CAR", "red car"),
        ("  a   dog. ", "a dog"),
    ],
)
def test_punctuation_and_case_do_not_split_a_phrase(
    detector: GroundingDino, written: str, read: str
) -> None:
    image = picture(64, 64)
    a = detector.detect([image], [["taxi", written, "cat"]], 0.0)[0]
    b = detector.detect([image], [["taxi", read, "cat"]], 0.0)[0]
    assert torch.equal(a.scores, b.scores)
    assert torch.equal(a.boxes, b.boxes)


def test_a_phrase_that_cannot_be_read_is_named(detector: GroundingDino) -> None:
    longest = " ".join(["car"] * 253)
    assert detector.detect([picture(40, 40)], [[longest]], 1.1)[0].scores.shape == (0, 1)
    with pytest.raises(InputError, match=r"'car car .*' has 254 tokens .* at most 253"):
        detector.detect([picture(40, 40)], [["taxi", longest + " car"]], 0.0)
    with pytest.raises(InputError, match="phrase '\\?' has no word"):
        detector.detect([picture(40, 40)], [["taxi", "?"]], 0.0)


@pytest.mark.parametrize(("dtype", "apart"), [("bfloat16", 0.1), ("float16", 0.01)])
def test_half_precision_stays_near_the_full_one(
    detectors: Path, detector: GroundingDino, dtype: str, apart: float
) -> None:
    half = ModelStore(detectors, device="cpu", dtype=dtype).load("grounding-dino")
    contract.check_form(half)
    asked = (contract.PICTURES, contract.PHRASES, 0.0)
    for a, b in zip(half.detect(*asked), detector.detect(*asked), strict=True):
        assert abs(a.scores.mean() - b.scores.mean()) < apart


def test_a_checkpoint_that_lacks_a_weight_is_refused_by_name(
    detectors: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "grounding-dino"
    shutil.copytree(detectors / "grounding-dino", folder)
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.level_embed"]
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(MissingWeightsError, match=r"lacks 1 weights of the model: model\.level"):
        ModelStore(tmp_path, device="cpu").load("grounding-dino")


def test_a_tokenizer_with_other_separators_is_refused(detectors: Path, tmp_path: Path) -> None:
    folder = tmp_path / "grounding-dino"
    shutil.copytree(detectors / "grounding-dino", folder)
    vocab = bert_tokenizer().get_vocab()
    vocab["."], vocab["[unused1050]"] = vocab["[unused1050]"], vocab["."]
    type(bert_tokenizer())(vocab=vocab, do_lower_case=True).save_pretrained(folder)
    with pytest.raises(MissingWeightsError, match="splits phrases at"):
        ModelStore(tmp_path, device="cpu").load("grounding-dino")
