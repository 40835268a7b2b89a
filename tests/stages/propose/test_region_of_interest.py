"""Where to look closer: boxes in the image, from what the words change in where a model looks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.io.images import image_from
from openseg.models.adapters.vision_language.hf import TransformersVisionLanguage
from openseg.ops.text import parse_query
from openseg.stages.propose.region_of_interest import RegionOfInterest
from tests.models.adapters.vision_language.checkpoints import save_llava


@pytest.fixture(scope="module")
def language(tmp_path_factory) -> TransformersVisionLanguage:
    folder = save_llava(tmp_path_factory.mktemp("llava"))
    return TransformersVisionLanguage.load(folder, torch.device("cpu"), torch.float32)


def room(seed: int, height: int, width: int):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return image_from(pixels, f"room {seed}")


def test_one_box_a_phrase_within_the_image(language):
    stage = RegionOfInterest(RegionOfInterest.Config(), language)
    images = [room(1, 60, 90), room(2, 30, 30)]
    found = stage.run(images, [parse_query("a cup; the large hat"), parse_query("a cup")])
    for boxes, heat, one, count in zip(found.boxes, found.attention, images, (2, 1), strict=True):
        assert len(boxes) == len(heat) == count
        height, width = one.size
        assert heat.size == one.size
        for left, top, right, bottom in boxes.xyxy.tolist():
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
    # The words count: the phrases of the first image are looked for in different ways.
    assert not torch.allclose(found.attention[0].values[0], found.attention[0].values[1])


def test_asked_about_nothing_in_particular_it_looks_everywhere_alike(language):
    config = RegionOfInterest.Config(prompt="picture", usual="picture")
    [heat] = (
        RegionOfInterest(config, language).run([room(1, 60, 90)], [parse_query("cup")]).attention
    )
    assert torch.allclose(heat.values, torch.ones(1, 3, 3), atol=1e-3)


def test_a_high_threshold_leaves_the_cell_that_is_looked_at_most(language):
    config = RegionOfInterest.Config(threshold=1.0)
    found = RegionOfInterest(config, language).run([room(1, 60, 90)], [parse_query("a cup")])
    y, x = divmod(int(found.attention[0].values[0].argmax()), 3)
    wanted = [x * 30.0, y * 20.0, x * 30.0 + 30, y * 20.0 + 20]
    assert found.boxes[0].xyxy[0].tolist() == wanted
