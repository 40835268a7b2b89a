"""Captions are true of their scenes, and what their words mean is marked where it is seen."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.mini.recipes.data import SceneShards
from openseg.mini.recipes.stable_diffusion.captions import (
    CaptionedView,
    Mention,
    MiniCaptions,
    describe,
)
from openseg.mini.recipes.stable_diffusion.views import training_view
from openseg.mini.world.vocabulary import CATEGORIES, COLOURS


def meaning(scene, words):
    """The pixels of all objects that words name, worked out from the words alone."""
    singular = {c.plural: c.name for c in CATEGORIES} | {c.name: c.name for c in CATEGORIES}
    category = next((singular[word] for word in words if word in singular), None)
    colour = next((word for word in words if word in COLOURS), None)
    ids = [
        o.id for o in scene.objects if category in (None, o.category) and colour in (None, o.colour)
    ]
    return np.isin(scene.ids, ids)


def test_words_mean_what_is_marked(held_out_scenes):
    several = behind = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        scene = held_out_scenes[seed % len(held_out_scenes)]
        text, mentions = describe(scene, scene.objects[:4], rng, colours=True)
        assert text == text.strip()
        assert mentions
        for mention in mentions:
            words = [text[a:b] for a, b in mention.words]
            assert words[0] not in COLOURS, "the noun comes first"
            assert all(word in COLOURS for word in words[1:])
            assert np.array_equal(mention.mask, meaning(scene, words))
            several += len(np.unique(scene.ids[mention.mask])) > 1
            behind += "that" in text
        said = {word for m in mentions for word in (text[a:b] for a, b in m.words)}
        spoken = [c for c in COLOURS if f" {c} " in f" {text} ".replace(",", " ")]
        assert set(spoken) <= said, "no colour is said that is not marked"
    assert several
    assert behind


def test_colours_of_a_recoloured_view_are_not_said(shards):
    source = MiniCaptions(SceneShards(shards, "train"))
    source.recoloured_share = 1.0
    stored = SceneShards(shards, "train")
    for view in source.draw(0, 6, 1):
        assert not set(COLOURS) & set(view.caption.replace(",", " ").split())
        assert not any(np.array_equal(view.image, scene.image) for scene in stored)
        assert any(
            np.array_equal(np.sort(view.image, axis=-1), np.sort(scene.image, axis=-1))
            for scene in stored
        )


def test_a_step_is_drawn_again_alike(shards):
    first, again, other = (
        MiniCaptions(SceneShards(shards, "train")).draw(step, 4, 7) for step in (3, 3, 4)
    )
    assert [v.caption for v in first] == [v.caption for v in again]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))
    assert [v.caption for v in first] != [v.caption for v in other]


@pytest.mark.parametrize("seed", range(8))
def test_masks_follow_the_crop_and_the_mirror(seed):
    image = np.zeros((96, 96, 3), np.uint8)
    mask = np.zeros((96, 96), bool)
    mask[20:60, 10:40] = True
    image[mask] = 255
    view = CaptionedView(image, "a cup", (Mention(((2, 5),), mask),))
    found = training_view(view, 48, np.random.default_rng(seed))
    assert found.pixels.shape == (3, 48, 48)
    expected = (found.pixels[0] + 1.0) / 2.0
    assert abs(found.coverage[0] - expected).max() < 1e-5
    assert found.coverage[0].max() > 0.99
