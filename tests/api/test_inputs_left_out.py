"""Inputs that may be left out, masks that a user draws, and clicks that miss the image."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.api.inputs import Request, samples_of
from openseg.graph.loader import check, load
from openseg.models.store import ModelStore
from openseg.types import Masks
from openseg.types.errors import UserError

CPU = torch.device("cpu")
PICTURE = np.zeros((12, 20, 3), dtype=np.uint8)
MASK = np.eye(12, 20, dtype=bool)


@pytest.fixture(scope="module")
def composed():
    """A method all of whose inputs but the image may be left out."""
    return load("seem_prompts", ModelStore(device="cpu"), [])


def values(graph, request):
    [sample] = samples_of(graph, {"0": PICTURE}, request, CPU)
    return sample.read()


def test_what_is_left_out_is_empty(composed):
    given = values(composed, Request("a cup"))
    assert [phrase.text for phrase in given["query"].phrases] == ["a cup"]
    assert not any(len(given[name]) for name in ("boxes", "points", "masks", "support"))
    assert given["masks"].data.shape == (0, 12, 20)
    assert values(composed, Request(boxes=[[1, 1, 5, 5]]))["query"].phrases == ()


def test_nothing_at_all_is_refused_with_all_that_could_be_given(composed):
    flags = r"--text, --box, --point or --scribble, --mask, --support with --support-mask"
    with pytest.raises(UserError, match=f"'seem_prompts' needs something to look for .*{flags}"):
        values(composed, Request())


def test_inputs_that_are_not_optional_are_still_asked_for():
    store = ModelStore(device="cpu")
    with pytest.raises(UserError, match="needs a text"):
        values(load("grounded_sam", store, []), Request())
    with pytest.raises(UserError, match="needs a support image"):
        values(load("nids_net", store, []), Request())


def test_a_method_says_which_of_its_inputs_are_optional(tmp_path):
    method = (
        "inputs: {image: Image, boxes: optional Boxes}\n"
        "models: {segmenter: sam}\n"
        "nodes:\n"
        "  one: {use: segment.by_prompt, in: {image: image, boxes: boxes}}\n"
        "outputs: {masks: one.masks}\n"
    )
    file = tmp_path / "method.yaml"
    file.write_text(method)
    graph = load(str(file), ModelStore(), [])
    assert graph.optional == {"boxes"}
    assert graph.resolved["inputs"] == {"image": "Image", "boxes": "optional Boxes"}
    file.write_text(method.replace("optional Boxes", "optional Boxen"))
    [problem] = check(str(file), ModelStore())
    assert "there is no type `Boxen`" in str(problem)
    assert "Boxes" in str(problem)


def test_a_mask_is_one_drawn_or_those_of_a_former_round(composed):
    drawn = values(composed, Request(masks={"0": MASK}))["masks"]
    assert torch.equal(drawn.data, torch.from_numpy(MASK)[None])
    former = Masks(torch.from_numpy(np.stack([MASK, ~MASK])))
    assert torch.equal(values(composed, Request(masks={"0": former}))["masks"].data, former.data)


@pytest.mark.parametrize("mask", [MASK[:5], Masks(torch.ones(1, 5, 20, dtype=torch.bool))])
def test_a_mask_of_another_size_than_the_image_is_refused(composed, mask):
    with pytest.raises(UserError, match=r"20x5.* is 20x12 \(give .* on that image\)"):
        values(composed, Request(masks={"0": mask}))


def test_methods_without_masks_say_so():
    with pytest.raises(UserError, match="takes no mask"):
        values(load("grounded_sam", ModelStore(), []), Request("cup", masks={"0": MASK}))


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (Request(points=[[3, 3], [21, 3]]), "point 1: 21,3 lies outside"),
        (Request(scribbles=[[[3, 3], [3, -2]]]), "scribble 0: 3,-2 lies outside"),
        (Request(points=[[3, 3]], negative_points=[[3, 99.5]]), "negative point 0: 3,99.5 lies"),
    ],
)
def test_what_misses_the_image_is_refused(composed, asked, named):
    with pytest.raises(UserError, match=named) as caught:
        values(composed, asked)
    assert "which is 20x12" in str(caught.value)


def test_a_point_outside_goes_with_a_box_or_a_mask_where_all_is_one_thing(composed):
    for more in ({"boxes": [[1, 1, 9, 9]]}, {"masks": {"0": MASK}}):
        points = values(composed, Request(negative_points=[[2, 3]], **more))["points"]
        assert points.xy.tolist() == [[[2, 3]]]
        assert points.labels.tolist() == [[0]]
    with pytest.raises(UserError, match="negative point 0"):
        values(composed, Request("cup", negative_points=[[2, 3]]))
    separate = load("box_to_mask", ModelStore(), [])
    with pytest.raises(UserError, match="negative point 0"):
        values(separate, Request(boxes=[[1, 1, 9, 9]], negative_points=[[2, 3]]))
