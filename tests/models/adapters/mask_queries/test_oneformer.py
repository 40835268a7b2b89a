"""OneFormer by a task word: the library's queries, and what its processor makes of them."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace
from typing import get_args

import pytest
import torch
from torch.nn.functional import interpolate

from openseg.models.store import ModelStore
from openseg.models.tasks.proposals import MaskProposer
from openseg.models.tasks.universal import Task, UniversalSegmenter
from openseg.ops import mask_queries
from openseg.types.errors import MissingWeightsError
from tests.models.adapters.mask_queries.checkpoints import NAMES, save_oneformer
from tests.models.adapters.pictures import picture

TASKS = get_args(Task)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with the checkpoint, and the library's own processor of it."""
    folder = tmp_path_factory.mktemp("oneformer")
    return folder, save_oneformer(folder)


@pytest.fixture(scope="module")
def processor(saved):
    return saved[1]


@pytest.fixture
def segmenter(saved):
    return ModelStore(saved[0], device="cpu").load("oneformer")


def outputs_of(segmenter, processor, image, task):
    inputs = processor(image.pixels, [task], return_tensors="pt")
    with torch.no_grad():
        return segmenter._model(inputs["pixel_values"], inputs["task_inputs"])


def test_fulfils_its_protocols_and_knows_its_classes(segmenter):
    assert isinstance(segmenter, UniversalSegmenter)
    assert isinstance(segmenter, MaskProposer)
    assert segmenter.class_names == NAMES
    assert segmenter.things == (True, True, False)
    assert segmenter.queries([], "semantic") == segmenter.propose([]) == []


@pytest.mark.parametrize("task", TASKS)
def test_queries_are_those_of_the_library(segmenter, processor, task):
    image = picture(80, 120, 3)
    outputs = outputs_of(segmenter, processor, image, task)
    [found] = segmenter.queries([image], task)
    torch.testing.assert_close(found.logits, outputs.masks_queries_logits[0], atol=1e-4, rtol=0)
    chances = outputs.class_queries_logits[0].softmax(dim=-1)
    torch.testing.assert_close(found.chances, chances, atol=1e-5, rtol=0)


def test_the_task_word_matters(segmenter):
    image = picture(64, 64)
    panoptic, instance = (
        segmenter.queries([image], task)[0].chances for task in ("panoptic", "instance")
    )
    assert (panoptic - instance).abs().max() > 0.1
    assert torch.equal(segmenter.queries([image], "panoptic")[0].chances, panoptic)


def test_a_semantic_map_is_that_of_the_library(segmenter, processor):
    image = picture(80, 120, 3)
    outputs = outputs_of(segmenter, processor, image, "semantic")
    torch.manual_seed(0)  # the checkpoint's own classes would give one to the whole image
    outputs.class_queries_logits = torch.randn_like(outputs.class_queries_logits)
    [theirs] = processor.post_process_semantic_segmentation(outputs, target_sizes=[image.size])
    chances = outputs.class_queries_logits[0].softmax(dim=-1)
    regions = mask_queries.semantic(chances, outputs.masks_queries_logits[0], image.size)
    ours = torch.full(image.size, -1)
    for mask, label in zip(regions.masks, regions.labels.tolist(), strict=True):
        ours[mask] = label
    assert len(regions.labels) > 1
    assert (ours != theirs).float().mean() < 1e-3


def apart(segmenter, processor, task):
    """The checkpoint's classes on masks that do not touch.

    Where masks overlap the library departs from the authors' program: it compares logits where
    these are instances, and weighted chances with 0.5; `tests/parity/oneformer` has overlaps.
    """
    outputs = outputs_of(segmenter, processor, picture(80, 120, 3), task)
    count = outputs.class_queries_logits.shape[1]
    masks = torch.full((count, 4, 3 * count), -50.0)
    for row in range(count):
        masks[row, :, 3 * row : 3 * row + 2 + row % 2] = 50.0
    logits = outputs.class_queries_logits
    return SimpleNamespace(class_queries_logits=logits, masks_queries_logits=masks[None])


def same(regions, theirs):
    """Whether regions are the library's segments: labels, scores, pixels.

    The library gives pixels of no mask to a segment, too.
    """
    inside = regions.masks.any(dim=0)
    ours = sorted(zip(regions.labels.tolist(), regions.scores.tolist(), strict=True))
    segments = theirs["segments_info"]
    expected = sorted((one["label_id"], one["score"]) for one in segments)
    assert len(ours) == len(expected) > 1
    assert ours == [(label, pytest.approx(score, abs=2e-6)) for label, score in expected]
    for mask in regions.masks:
        [number] = theirs["segmentation"][mask].unique().tolist()
        assert torch.equal(mask, (theirs["segmentation"] == number) & inside)


@pytest.mark.parametrize("task", ["panoptic", "instance"])
def test_segments_and_instances_are_those_of_the_library(segmenter, processor, task):
    outputs = apart(segmenter, processor, task)
    masks = outputs.masks_queries_logits[0]
    chances = outputs.class_queries_logits[0].softmax(dim=-1)
    things = torch.tensor(segmenter.things)
    if task == "panoptic":
        all_things = torch.ones_like(things)  # it counts a segment for every piece of stuff
        ours = mask_queries.panoptic(chances, masks, masks.shape[1:], all_things, 0.5, 0.8)
        [theirs] = processor.post_process_panoptic_segmentation(outputs, label_ids_to_fuse=set())
    else:
        ours = mask_queries.instances(chances, masks, masks.shape[1:], things, 0.5)
        [theirs] = processor.post_process_instance_segmentation(outputs, task_type="panoptic")
    same(ours, theirs)


def test_stuff_is_fused_as_in_the_library(segmenter, processor):
    outputs = apart(segmenter, processor, "instance")
    outputs.class_queries_logits[..., :2] = -50  # all is stuff or nothing
    masks = outputs.masks_queries_logits[0]
    chances = outputs.class_queries_logits[0].softmax(dim=-1)
    things = torch.tensor(segmenter.things)
    ours = mask_queries.panoptic(chances, masks, masks.shape[1:], things, 0.5, 0.8)
    [theirs] = processor.post_process_panoptic_segmentation(outputs, label_ids_to_fuse={2})
    assert len(theirs["segments_info"]) > len(ours.masks) == 1
    [number] = theirs["segmentation"][ours.masks[0]].unique().tolist()
    assert number == theirs["segments_info"][0]["id"]


@pytest.mark.parametrize("size", [(64, 64), (50, 90), (200, 31), (1, 1), (3, 700)])
def test_masks_have_the_images_size(segmenter, size):
    [found] = segmenter.propose([picture(*size)])
    assert found.masks.shape[1:] == size
    assert found.classes.shape == (len(found.masks), len(NAMES))


def test_proposals_are_the_masks_of_the_panoptic_task(segmenter):
    image = picture(80, 120, 3)
    [queries] = segmenter.queries([image], "panoptic")
    [found] = segmenter.propose([image])
    large = interpolate(queries.logits[None], size=image.size, mode="bilinear")[0] > 0
    assert torch.equal(found.masks, large[large.flatten(1).any(dim=1)])


def test_a_ragged_batch_is_what_a_loop_gives(segmenter):
    images = [picture(80, 64, 1), picture(64, 80, 2), picture(80, 64, 3)]
    together = segmenter.queries(images, "instance")
    for image, found in zip(images, together, strict=True):
        segmenter._memos["instance"].clear()
        [alone] = segmenter.queries([image], "instance")
        torch.testing.assert_close(found.logits, alone.logits, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(found.chances, alone.chances, atol=1e-4, rtol=0)


@pytest.fixture
def published(saved, tmp_path):
    """The checkpoint as it is published: its file of classes is on the Hub only."""
    shutil.copytree(saved[0] / "oneformer", tmp_path / "oneformer")
    (tmp_path / "oneformer" / "classes.json").unlink()
    file = tmp_path / "oneformer" / "processor_config.json"
    said = json.loads(file.read_text())
    said["image_processor"]["repo_path"] = "shi-labs/oneformer_demo"
    file.write_text(json.dumps(said))
    return tmp_path


def test_the_file_of_classes_is_not_looked_for_on_the_hub(published):
    segmenter = ModelStore(published, device="cpu").load("oneformer")
    assert segmenter.things == (True, True, False)


def test_a_checkpoint_that_does_not_tell_things_from_stuff_is_refused(published):
    file = published / "oneformer" / "processor_config.json"
    said = json.loads(file.read_text())
    del said["image_processor"]["metadata"]
    file.write_text(json.dumps(said))
    with pytest.raises(MissingWeightsError, match="which of its classes are things") as caught:
        ModelStore(published, device="cpu").load("oneformer")
    assert "classes.json" in str(caught.value.fix)
