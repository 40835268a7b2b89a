"""Support images: a mask each, names that are classes, and phrases of the query beside words."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.api.inputs import Request, samples_of
from openseg.api.supports import Support, templates_of
from openseg.graph.loader import load
from openseg.models.store import ModelStore
from openseg.types import Templates
from openseg.types.errors import UserError

PICTURE = np.zeros((12, 20, 3), dtype=np.uint8)
MASK = np.eye(12, 20, dtype=bool)


def test_pictures_of_one_name_show_one_thing():
    given = [(PICTURE, MASK, "mug"), (PICTURE, MASK, "hat"), (PICTURE, MASK, "mug")]
    found = templates_of(given)
    assert [one.phrase.class_id for one in found.items] == [0, 1, 0]
    assert [phrase.text for phrase in found.things] == ["mug", "hat"]
    assert templates_of([(PICTURE, MASK)]).things[0].text == "support"
    assert templates_of([]) is None


def test_beside_words_names_are_phrases_of_the_text():
    found = templates_of([(PICTURE, MASK, "mug")], "hat; mug")
    assert found.things[0].class_id == 1
    assert found.things[0].span == (5, 8)
    assert templates_of([(PICTURE, MASK)], "red mug").things[0].text == "red mug"
    with pytest.raises(UserError, match=r"shows 'cup', which is not asked for .*'hat', 'mug'"):
        templates_of([(PICTURE, MASK, "cup")], "hat; mug")
    with pytest.raises(UserError, match="which of the phrases"):
        templates_of([(PICTURE, MASK)], "hat; mug")


def test_a_support_image_without_its_mask_is_refused(room):
    with pytest.raises(UserError, match=r"room.jpg: a support image needs its mask"):
        templates_of([Support(room)])
    with pytest.raises(UserError, match=r"list of \(image, mask\)"):
        templates_of(("photo.jpg", "mask.png"))


@pytest.fixture
def graph(tmp_path):
    """A method that takes templates and gives them back."""
    file = tmp_path / "by_template.yaml"
    file.write_text(
        "name: by_template\n"
        "inputs: {image: Image, templates: Templates, boxes: Boxes}\n"
        "models: {segmenter: sam}\n"
        "nodes:\n"
        "  masks: {use: segment.by_prompt, in: {image: image, boxes: boxes}}\n"
        "outputs: {masks: masks.masks, templates: templates}\n"
    )
    return load(str(file), ModelStore(device="cpu"), [])


def test_a_method_is_given_its_templates_and_only_if_it_takes_them(graph, room):
    templates = templates_of([(PICTURE, MASK)])
    device = "cpu"
    [sample] = samples_of(
        graph, {"0": room}, Request(boxes=[[1, 1, 5, 5]], templates=templates), device
    )
    assert isinstance(sample.read()["templates"], Templates)
    with pytest.raises(UserError, match="'by_template' needs a support image with its mask"):
        samples_of(graph, {"0": room}, Request(boxes=[[1, 1, 5, 5]]), device)
    other = load("box_to_mask", ModelStore(device="cpu"), [])
    with pytest.raises(UserError, match="'box_to_mask' takes no support image"):
        samples_of(other, {"0": room}, Request(templates=templates), device)
