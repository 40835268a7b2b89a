"""What the OWLv2 adapter promises beyond its numbers."""

from pathlib import Path

import pytest
import torch

from openseg.models.adapters.owlv2 import Owlv2
from openseg.models.store import ModelStore
from openseg.types.errors import InputError
from tests.models import detector_contract as contract
from tests.models.detector_checkpoints import picture


@pytest.fixture(scope="module")
def detector(detector_store: ModelStore) -> Owlv2:
    loaded: Owlv2 = detector_store.load("owlv2")
    return loaded


def test_contract(detector: Owlv2) -> None:
    contract.check_form(detector)
    contract.check_batch_is_loop(detector)
    contract.check_pruning(detector)
    contract.check_odd_sizes(detector)
    contract.check_memo(detector, detector.model.owlv2.vision_model)


def test_phrases_do_not_influence_each_other(detector: Owlv2) -> None:
    image = picture(64, 64)
    phrases = [f"car {i}" for i in range(2000)]
    many = detector.detect([image], [phrases], 0.0)[0]
    assert many.scores.shape == (len(many.boxes), 2000)
    one = detector.detect([image], [["car 1234"]], 0.0)[0]
    contract.same(type(many)(many.boxes, many.scores[:, 1234:1235]), one)


def test_a_phrase_past_sixteen_tokens_is_named(detector: Owlv2) -> None:
    assert len(detector.detect([picture(9, 9)], [["abcdefghijklmn"]], 0.0)) == 1
    with pytest.raises(InputError, match=r"'abcdefghijklmno' has 15 tokens .* at most 14"):
        detector.detect([picture(9, 9)], [["car", "abcdefghijklmno"]], 0.0)


def test_half_precision_keeps_boxes_in_float32(detectors: Path, detector: Owlv2) -> None:
    half = ModelStore(detectors, device="cpu", dtype="bfloat16").load("owlv2")
    contract.check_form(half)
    assert half.model.box_head.dense0.weight.dtype == torch.float32
