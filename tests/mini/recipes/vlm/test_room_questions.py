"""What mini-vlm is asked about the rooms: true, answerable from what is shown, nothing held out."""

from __future__ import annotations

import numpy as np

from openseg.mini.recipes.regions import part_regions
from openseg.mini.recipes.vlm.dialogues import MOST_QUESTIONS, still_dialogues
from openseg.mini.recipes.vlm.pictures import marked_picture, region_crop
from openseg.mini.recipes.vlm.room_questions import StillQuestions
from openseg.mini.rooms.vocabulary import COLOURS


def asked_of(still, seed=0):
    return StillQuestions(still, np.random.default_rng(seed))


def test_training_hears_nothing_that_is_held_out(train_stills):
    for still in train_stills:
        for seed in range(4):
            drawn = still_dialogues(still, np.random.default_rng(seed))
            assert drawn
            assert not [q for one in drawn for q in one.questions if q.held_out]


def test_held_out_things_are_marked(unseen_stills):
    found = [
        question.held_out
        for still in unseen_stills
        for seen in still.things
        for question in asked_of(still).about(seen.thing)
    ]
    assert any(found)
    assert not all(found)


def test_of_exchanged_colours_no_colour_is_asked(train_stills):
    hues = set(COLOURS)
    for still in train_stills:
        asking = asked_of(still)
        found = [q for seen in still.things for q in asking.about_shape(seen.thing)]
        assert found
        assert not [q for q in found if hues & set(f"{q.text} {q.answer}".split())]


def test_a_crop_alone_is_not_asked_for_its_surroundings(train_stills):
    around = {"place", "surroundings", "is related", "choose relation", "carried", "describe"}
    for still in train_stills:
        asking = asked_of(still)
        for seen in still.things:
            crop = asking.about_crop(seen.thing)
            assert not around & {question.kind for question in crop}
            [text] = [q.answer for q in crop if q.kind == "describe alone"]
            assert seen.thing.category in text
            assert not {"small", "large", "next"} & set(text.split())
        whole = [q for seen in still.things for q in asking.about(seen.thing)]
        assert around & {question.kind for question in whole}


def test_a_picture_is_described_by_its_largest_things(train_stills):
    for still in train_stills:
        asking = asked_of(still)
        [found] = [q for q in asking.about_picture() if q.kind == "picture"]
        clear = [one for one in still.things if one.thing.id in asking.clear]
        clear.sort(key=lambda one: -one.pixels)
        assert len(found.answer.split(" and ")) == min(4, len(clear))
        for said, seen in zip(found.answer.split(" and "), clear, strict=False):
            assert seen.thing.category in said


def test_what_is_around_a_thing_is_in_the_picture(train_stills):
    found = 0
    for still in train_stills:
        seen = {one.thing.category for one in still.things} | {"floor", "wall"}
        for one in asked_of(still).about_picture():
            if one.kind == "resolve around" and " next to " in one.answer:
                _, around = one.answer.split(" next to ")
                found += 1
                assert all(any(name in said for name in seen) for said in around.split(" and "))
    assert found


def test_a_description_and_its_denial_come_together(train_stills):
    for still in train_stills:
        asking = asked_of(still)
        for seen in still.things:
            both = [q for q in asking.about_crop(seen.thing) if q.kind == "is described"]
            if seen.thing.id in asking.clear and len(asking.clear) > 1:
                assert {q.answer for q in both} <= {"yes", "no"}
                assert len({q.text for q in both}) == len(both)


def test_a_part_is_named_with_what_it_belongs_to(train_stills):
    regions = [(still, region) for still in train_stills for region in part_regions(still)]
    assert regions
    for still, region in regions:
        first = asked_of(still).about_part(region)[0]
        assert region.part in first.answer
        assert region.seen.thing.category in first.answer


def test_dialogues_are_short_and_show_pictures_of_the_towers_size(train_stills):
    for still in train_stills:
        for one in still_dialogues(still, np.random.default_rng(0)):
            assert 1 <= len(one.questions) <= MOST_QUESTIONS
            assert {picture.shape for picture in one.pictures} == {(128, 128, 3)}


def test_a_masked_crop_shows_nothing_else(train_stills):
    """A thing painted white before black: whatever is bright in the crop is the thing."""
    mask = np.zeros((256, 256), bool)
    mask[100:140, 80:160] = True
    image = np.where(mask[..., None], 255, 0).astype(np.uint8)
    rng = np.random.default_rng(5)
    crop = region_crop(image, (80, 100, 160, 140), mask, rng, masked=1.0)
    assert crop.shape == (128, 128, 3)
    # The box is 80 of the crop's 96 pixels wide and 40 high.
    bright = (crop.min(axis=2) > 200).mean()
    assert bright > 0.6 * (80 * 40) / 96**2


def test_the_marked_picture_frames_the_region():
    image = np.zeros((256, 256, 3), np.uint8)
    shown = marked_picture(image, (64, 64, 192, 192), np.random.default_rng(0))
    red = shown[..., 0].astype(int) - shown[..., 1] > 100
    rows, columns = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
    assert abs(rows[0] - 31) <= 1
    assert abs(columns[-1] - 96) <= 1
    assert not red[40:88, 40:88].any()
