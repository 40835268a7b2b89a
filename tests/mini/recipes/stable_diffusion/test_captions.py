"""Captions are true of their stills, and what their words mean is marked where it is seen."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.mini.recipes.stable_diffusion.captions import CaptionedView, Mention, Writing
from openseg.mini.recipes.stable_diffusion.room_captions import RoomCaptions, captioned, listed
from openseg.mini.recipes.stable_diffusion.views import training_view
from openseg.mini.recipes.stills import Stills
from openseg.mini.rooms import CATEGORIES, COLOURS, MATERIALS


@pytest.fixture(scope="module")
def stills(shards):
    return Stills(shards, "train")


def test_places_are_those_of_the_words():
    writing = Writing()
    writing.add(("the", "mug", "'s", "handle", ",", "a", "red", "office", "chair"))
    assert writing.text == "the mug's handle, a red office chair"
    assert writing.text[slice(*writing.span(3, 4))] == "handle"
    assert writing.text[slice(*writing.span(7, 9))] == "office chair"


def test_a_mask_shows_things_of_the_category_and_colour_that_is_said(stills):
    nouns = {c.name: c.name for c in CATEGORIES} | {c.plural: c.name for c in CATEGORIES}
    checked = parts = 0
    for seed in range(60):
        still = stills[seed % len(stills)]
        view = captioned(still, np.random.default_rng(seed))
        true_hues = np.array_equal(view.image, still.image)
        things = {seen.thing.id: seen.thing for seen in still.things}
        for mention in view.mentions:
            noun, *adjectives = (view.caption[a:b] for a, b in mention.words)
            assert all(word.isalpha() for word in adjectives)
            assert true_hues or not {*adjectives} & {*COLOURS, *MATERIALS}
            shown = set(np.unique(still.ids[mention.mask]).tolist())
            assert shown <= things.keys(), "no wall and no floor"
            assert shown
            if noun not in nouns:
                parts += 1
                continue
            alike = {k for k, thing in things.items() if thing.category == nouns[noun]}
            assert shown <= alike
            for colour in {*adjectives} & {*COLOURS}:
                alike = {k for k in alike if things[k].colour == colour}
                # A thing may be mostly of a colour by its parts; then it is not one of these.
                assert alike <= shown or len({*adjectives}) > 1
            checked += 1
            assert adjectives or shown == alike
    assert checked > 40
    assert parts


def test_most_stills_have_something_to_say(stills):
    rng = np.random.default_rng(0)
    said = [listed(still, rng, looks=True) for still in stills for _ in range(10)]
    assert sum(bool(mentions) for _, mentions in said) > 0.9 * len(said)
    assert max(len(mentions) for _, mentions in said) > 1


def test_a_step_is_drawn_again_alike(shards):
    first, again, other = (
        RoomCaptions(Stills(shards, "train")).draw(step, 4, 7) for step in (3, 3, 4)
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
