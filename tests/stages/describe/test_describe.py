"""Phrases, regions and pictures: who is asked what, about which picture, and where it ends up."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.io.images import image_from
from openseg.ops.text import parse_query
from openseg.stages.describe.phrases import DescribePhrases
from openseg.stages.describe.picture import DescribePicture
from openseg.stages.describe.regions import DescribeRegions
from openseg.types import Boxes, Image, Masks
from openseg.types.errors import InputError
from tests.stages.asked import answering


def image(seed: int, height: int = 40, width: int = 60) -> Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return image_from(pixels, f"image {seed}")


def shown(one: Image) -> np.ndarray:
    return one.pixels.permute(1, 2, 0).numpy()


def test_each_phrase_is_asked_about_its_own_picture():
    images = [image(1), image(2, 30, 20)]
    queries = [parse_query("the red cup; a hat"), parse_query("a hat")]
    with answering(lambda text: f"a {text.split()[-1]} of steel") as heard:
        stage = DescribePhrases(DescribePhrases.Config(), heard.language)
        [first, second] = stage.run(images, queries).descriptions
    assert heard.words == ["describe the red cup", "describe a hat", "describe a hat"]
    assert [one.text for one in first.items] == [
        "a photo of a cup of steel",
        "a photo of a hat of steel",
    ]
    assert [one.text for one in second.items] == ["a photo of a hat of steel"]
    for pictures, whole in zip(heard.pictures, (0, 0, 1), strict=True):
        assert len(pictures) == 1
        assert np.array_equal(pictures[0], shown(images[whole]))


def test_a_missing_answer_keeps_its_row():
    with answering(lambda text: "no" if "cup" in text else "a hat") as heard:
        stage = DescribePhrases(DescribePhrases.Config(), heard.language)
        [found] = stage.run([image(1)], [parse_query("a cup; a hat")]).descriptions
    assert [one.text for one in found.items] == ["", "a photo of a hat"]
    assert found.missing == 1
    assert "'no' is no answer" in found.items[0].missing
    assert "missing" in str(found)


def test_where_to_look_closer_is_shown_with_the_phrase():
    one = image(1)
    boxes = Boxes(torch.tensor([[10.0, 10, 30, 20], [0, 0, 8, 8]]))
    with answering(lambda text: "a cup") as heard:
        config = DescribePhrases.Config(prompt="closer", margin=0.0)
        stage = DescribePhrases(config, heard.language)
        stage.run([one], [parse_query("a cup; a hat")], [boxes])
    [(marked, crop), (_, other)] = heard.pictures
    assert marked.shape == (40, 60, 3)
    assert marked[9, 20].tolist() == [255, 0, 0]
    assert np.array_equal(crop, shown(one)[5:25, 10:30])
    assert np.array_equal(other, shown(one)[:8, :8])


def test_a_prompt_that_shows_regions_needs_boxes():
    with answering(lambda text: "a cup") as heard:
        stage = DescribePhrases(DescribePhrases.Config(prompt="closer"), heard.language)
        with pytest.raises(InputError, match="connect `boxes`"):
            stage.run([image(1)], [parse_query("a cup")])


def test_each_region_is_shown_on_black():
    one = image(1)
    masks = torch.zeros(2, 40, 60, dtype=torch.bool)
    masks[0, 10:20, 10:30] = True
    masks[1, 30:40, 50:60] = True
    with answering(lambda text: f"thing {len(heard.words)}") as heard:
        stage = DescribeRegions(DescribeRegions.Config(margin=0.0), heard.language)
        [found, nothing] = stage.run(
            [one, image(2)], [Masks(masks), Masks(masks[:0, :, :])]
        ).descriptions
    assert [answer.text for answer in found.items] == ["thing 1", "thing 2"]
    assert len(nothing) == 0
    assert heard.words == ["describe it", "describe it"]
    [[first], [second]] = heard.pictures
    assert np.array_equal(first[5:15], shown(one)[10:20, 10:30])
    assert not first[:5].any()
    assert not first[15:].any()
    assert np.array_equal(second, shown(one)[30:40, 50:60])


def test_instructed_models_see_the_box_in_the_picture_too_and_answer_by_steps():
    reply = (
        '{"location": "left", "appearance": "red", "features": "-", "description": "A red cup."}'
    )
    masks = torch.zeros(1, 40, 60, dtype=torch.bool)
    masks[0, 10:20, 10:30] = True
    with answering(lambda text: reply, "instructions") as heard:
        stage = DescribeRegions(DescribeRegions.Config(), heard.language)
        [found] = stage.run([image(1)], [Masks(masks)]).descriptions
    assert found.items[0].text == "A red cup"
    [[marked, _]] = heard.pictures
    assert marked[9, 20].tolist() == [255, 0, 0]


def test_a_picture_is_told_in_a_row_of_its_own():
    with answering(lambda text: "The picture shows a room.", "instructions") as heard:
        stage = DescribePicture(DescribePicture.Config(), heard.language)
        found = stage.run([image(1), image(2)]).descriptions
    assert [[one.text for one in some.items] for some in found] == [["a room"], ["a room"]]
    assert len(heard.words) == 2
