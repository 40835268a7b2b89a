"""Mask2Former as a proposer: masks at the image's size, chances of its own classes."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import interpolate

from openseg.models.store import ModelStore
from openseg.models.tasks.proposals import MaskProposer
from tests.models.adapters.mask_queries.checkpoints import NAMES, save_mask2former
from tests.models.adapters.pictures import picture


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mask2former")
    save_mask2former(folder)
    return folder


@pytest.fixture
def proposer(folder):
    return ModelStore(folder, device="cpu").load("mask2former")


def test_fulfils_the_protocol_and_knows_its_names(proposer):
    assert isinstance(proposer, MaskProposer)
    assert proposer.class_names == NAMES
    assert proposer.propose([]) == []


@pytest.mark.parametrize("size", [(64, 64), (50, 90), (200, 31), (1, 1), (3, 700)])
def test_masks_have_the_images_size(proposer, size):
    [found] = proposer.propose([picture(*size)])
    assert found.masks.shape[1:] == size
    assert found.masks.dtype == torch.bool
    assert found.masks.flatten(1).any(dim=1).all()
    assert found.classes.shape == (len(found.masks), len(NAMES))
    assert (found.classes.sum(dim=1) <= 1 + 1e-6).all()
    assert ((found.sureness >= 0.5) & (found.sureness <= 1)).all()


def test_masks_and_chances_are_those_of_the_library(proposer):
    image = picture(80, 120, 3)
    inputs = proposer._processor(
        image.pixels, input_data_format="channels_first", return_tensors="pt"
    )
    with torch.no_grad():
        outputs = proposer._model(**inputs)
    logits = interpolate(outputs.masks_queries_logits, size=(80, 120), mode="bilinear")[0]
    there = (logits > 0).flatten(1).any(dim=1)
    assert there.sum() > 1
    [found] = proposer.propose([image])
    assert (found.masks != (logits > 0)[there]).float().mean() < 1e-3
    chances = outputs.class_queries_logits[0].softmax(dim=-1)[there, :-1]
    torch.testing.assert_close(found.classes, chances, atol=1e-5, rtol=0)


def test_a_ragged_batch_is_what_a_loop_gives(proposer):
    images = [picture(80, 64, 1), picture(64, 80, 2), picture(80, 64, 3)]
    together = proposer.propose(images)
    for image, found in zip(images, together, strict=True):
        proposer._memo.clear()
        [alone] = proposer.propose([image])
        assert found.masks.shape == alone.masks.shape
        assert (found.masks != alone.masks).float().mean() < 1e-3
        torch.testing.assert_close(found.classes, alone.classes, atol=1e-5, rtol=0)


def test_names_are_words_without_the_notes_of_coco(tmp_path):
    save_mask2former(tmp_path, ("tree-merged", "wall-other-merged", "wall-brick", "other"))
    names = ModelStore(tmp_path, device="cpu").load("mask2former").class_names
    assert names == ("tree", "wall", "wall-brick", "other")
