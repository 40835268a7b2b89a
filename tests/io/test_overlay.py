"""What is drawn lies where it should, and everything else is left as it was."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from openseg.io.drawing.palette import shade_of
from openseg.io.images import image_from
from openseg.io.overlay import draw_overlay
from tests.io.values import masks_with_holes, ring

COLOURS = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
PHOTO = image_from(COLOURS)
RING = ring(200, 300, (110, 150), 80, 40)
DISC = ring(200, 300, (110, 150), 12, 0)


def drawn(masks, *columns, photo=PHOTO, **options):
    """uint8 `[h, w, 3]`."""
    masks = torch.from_numpy(np.stack(masks))
    return np.asarray(draw_overlay(photo, masks, *columns, **options))


def blend(colour, under=COLOURS):
    """The picture under a translucent colour."""
    return under * 0.62 + np.array(colour) * 0.38


def edge(mask):
    """The pixels of a mask with a neighbour outside it, or outside the picture."""
    inside = np.pad(mask, 1)
    core = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    return mask & ~core


def test_no_regions_leave_the_image_as_it_is():
    none = torch.zeros(0, 200, 300, dtype=torch.bool)
    picture = draw_overlay(PHOTO, none, [], torch.zeros(0), torch.zeros(0, 4))
    np.testing.assert_array_equal(np.asarray(picture), COLOURS)


def test_outside_the_mask_and_in_its_hole_nothing_changes():
    result = drawn([RING])
    np.testing.assert_array_equal(result[~RING], COLOURS[~RING])
    assert (result[RING] != COLOURS[RING]).any()


def test_the_edge_has_the_full_colour_and_the_inside_shines_through():
    result = drawn([RING])
    assert (result[edge(RING)] == shade_of(0, 0)).all()
    inside = ring(200, 300, (110, 150), 66, 54)
    np.testing.assert_allclose(result[inside], blend(shade_of(0, 0))[inside], atol=1)


def test_of_overlapping_masks_the_smaller_is_on_top_unmixed():
    large = ring(200, 300, (110, 150), 80, 0)
    centre = ring(200, 300, (110, 150), 4, 0)
    for order in ([large, DISC], [DISC, large]):
        place = next(i for i, mask in enumerate(order) if mask is DISC)
        expected = blend(shade_of(place, 0))[centre]
        np.testing.assert_allclose(drawn(order)[centre], expected, atol=1)


def test_the_picture_given_is_not_drawn_on():
    drawn([RING], ["ring"])
    np.testing.assert_array_equal(PHOTO.pixels.permute(1, 2, 0), COLOURS)


def test_hues_tell_labels_apart_and_shades_the_regions_of_one_label():
    spots = [ring(200, 300, (40, x), 12, 0) for x in (40, 110, 180, 250)]
    result = drawn(spots, ["cup", "ball", "cup", "cup"])
    expected = [shade_of(0, 0), shade_of(1, 0), shade_of(0, 1), shade_of(0, 2)]
    for spot, colour in zip(spots, expected, strict=True):
        bottom = np.nonzero(spot.any(axis=1))[0][-1]
        middle = np.nonzero(spot[bottom])[0].mean().round().astype(int)
        assert tuple(result[bottom, middle]) == colour


def test_hues_of_one_label_tell_regions_apart():
    spots = [ring(200, 300, (100, x), 30, 0) for x in (60, 200)]
    result = drawn(spots, ["cup", "cup"])
    assert tuple(result[129, 60]) == shade_of(0, 0)
    assert tuple(result[129, 200]) == shade_of(1, 0)


def test_classes_fix_the_hues():
    spots = [ring(200, 300, (100, x), 30, 0) for x in (60, 200)]
    result = drawn(spots, ["a", "b"], classes=[5, 2])
    assert tuple(result[129, 60]) == shade_of(5, 0)
    assert tuple(result[129, 200]) == shade_of(2, 0)


def test_a_label_is_drawn_in_the_regions_colour_next_to_it():
    result = drawn([DISC], ["ball"], torch.tensor([0.5]))
    changed = np.nonzero((result != COLOURS).any(axis=2) & ~DISC)
    assert len(changed[0]) > 100
    paper = (result == shade_of(0, 0)).all(axis=2) & ~DISC
    assert paper[changed].mean() > 0.4
    assert abs(changed[0].mean() - 110) < 40
    assert abs(changed[1].mean() - 150) < 40


def test_scores_are_written_with_and_without_words():
    words, number = drawn([DISC], ["ball"]), drawn([DISC], scores=torch.tensor([0.5]))
    both = drawn([DISC], ["ball"], torch.tensor([0.5]))
    plain = drawn([DISC])
    sizes = [(picture != plain).any(axis=2).sum() for picture in (words, number, both)]
    assert 0 < min(sizes[:2]) <= max(sizes[:2]) < sizes[2]


def test_a_box_is_drawn_only_where_the_mask_does_not_show_it():
    loose, tight = torch.tensor([[50.0, 20, 250, 190]]), torch.tensor([[138.5, 98.6, 161.7, 122]])
    assert tuple(drawn([DISC], boxes=loose)[20, 50]) == shade_of(0, 0)
    assert tuple(drawn([DISC], boxes=loose)[189, 249]) == shade_of(0, 0)
    np.testing.assert_array_equal(drawn([DISC], boxes=tight), drawn([DISC]))


def test_a_box_beyond_the_picture():
    drawn([DISC], ["x"], boxes=torch.tensor([[-50.0, -9, 900, 900]]))


def test_an_empty_mask_shows_its_box():
    empty = np.zeros_like(DISC)
    np.testing.assert_array_equal(drawn([empty]), COLOURS)
    assert tuple(drawn([empty], boxes=torch.tensor([[50.0, 20, 250, 190]]))[20, 50]) == shade_of(
        0, 0
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 3), (12, 12), (30, 200), (64, 64)])
def test_tiny_pictures(size):
    photo = image_from(np.zeros((*size, 3), np.uint8))
    whole = np.ones(size, bool)
    box = torch.tensor([[0.0, 0, size[1], size[0]], [0.2, 0.2, 0.4, 0.4]])
    result = drawn(
        [whole, np.zeros(size, bool)],
        ["a long phrase for little room", "猫"],
        torch.rand(2),
        box,
        photo=photo,
    )
    assert result.shape == (*size, 3)
    assert result.any()


def test_the_same_twice():
    columns = ["red cup", "", "frame"], torch.tensor([0.5, 0.6, 0.7])
    photo = image_from(COLOURS[:60, :80])
    first, second = (drawn(masks_with_holes(), *columns, photo=photo) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_48_megapixels_in_seconds():
    photo = image_from(np.full((6000, 8000, 3), 90, np.uint8))
    masks = torch.zeros(3, 6000, 8000, dtype=torch.bool)
    masks[0, 100:-100, 100:-100] = True
    masks[1, 2000:4000, 1000:3000] = True
    masks[2, 500:900, 500:900] = True
    started = time.process_time()
    picture = draw_overlay(photo, masks, ["wall", "door", "lamp"], torch.rand(3))
    assert time.process_time() - started < 8
    assert picture.size == (8000, 6000)
