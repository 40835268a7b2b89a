"""Pictures, id maps and boxes of a rendered scene agree."""

import dataclasses
import sys

import numpy as np
import pytest

from openseg.mini.world import CATEGORIES, COLOURS, Renderer, Scene, make_scene, sample, scene_seed
from openseg.mini.world.mesh import merge
from openseg.mini.world.shapes import build
from openseg.mini.world.view import project
from openseg.types.errors import MissingExtraError

pytest.importorskip("pyvista")


@pytest.fixture(scope="module")
def renderer():
    made = Renderer(256, 256)
    yield made
    made.close()


@pytest.fixture(scope="module")
def rendered(renderer):
    return [sample("val", index, renderer) for index in range(12)]


def alone(scene: Scene, thing):
    return dataclasses.replace(scene, things=(thing,))


def test_pictures_have_their_types_and_shapes(rendered):
    for scene, view in rendered:
        assert (view.image.dtype, view.image.shape) == (np.uint8, (256, 256, 3))
        assert (view.ids.dtype, view.ids.shape) == (np.uint8, (256, 256))
        assert (view.boxes.dtype, view.boxes.shape) == (np.float32, (len(scene.things), 4))
        assert set(np.unique(view.ids)) == {0, *(t.id for t in scene.things)}


def test_masks_lie_where_the_geometry_projects(rendered):
    """An independent projection of the vertices bounds each thing's mask to within a pixel."""
    for scene, view in rendered:
        for thing, box, visible in zip(scene.things, view.boxes, view.visible, strict=True):
            where, _ = project(scene.camera, merge([p.mesh for p in build(thing)]).points)
            low, high = 256 * where.min(axis=0), 256 * where.max(axis=0)
            assert np.all(box[:2] >= low - 1)
            assert np.all(box[2:] <= high + 1)
            if visible == 1:
                assert box == pytest.approx([*low, *high], abs=1.6)


def test_boxes_are_tight_with_exclusive_ends(rendered):
    for scene, view in rendered:
        for thing, (x0, y0, x1, y1) in zip(scene.things, view.boxes.astype(int), strict=True):
            mask = view.ids == thing.id
            assert mask[y0:y1, x0:x1].sum() == mask.sum()
            for edge in (mask[y0, :], mask[y1 - 1, :], mask[:, x0], mask[:, x1 - 1]):
                assert edge.any()


def test_visible_shares_are_those_of_the_thing_drawn_alone(rendered, renderer):
    scene, view = min(rendered, key=lambda pair: pair[1].visible.min())
    assert view.visible.min() < 1
    for thing, visible in zip(scene.things, view.visible, strict=True):
        whole = (renderer.render(alone(scene, thing)).ids == thing.id).sum()
        assert visible == pytest.approx((view.ids == thing.id).sum() / whole)


def test_samples_show_everything_well_enough(rendered):
    for _, view in rendered:
        assert view.acceptable
        assert view.visible.min() >= 0.6
        assert (view.boxes[:, 2:] - view.boxes[:, :2]).min() >= 22


def test_a_hidden_thing_makes_a_view_unacceptable(renderer):
    scene = make_scene(scene_seed("train", 0))
    first, second, *rest = scene.things
    buried = dataclasses.replace(second, position=first.position, size=0.1 * first.size)
    assert not renderer.render(dataclasses.replace(scene, things=(first, buried, *rest))).acceptable


def test_things_show_their_colour(rendered):
    """The middle pixel value of nearly every coloured thing is nearest to its own colour name."""
    hues = {name: np.array(rgb) / sum(rgb) for name, rgb in COLOURS.items()}
    for grey in ("white", "black", "brown"):  # apart by brightness, which light and shade change
        del hues[grey]
    right = []
    for scene, view in rendered:
        for thing in scene.things:
            if thing.colour in hues:
                middle = np.median(view.image[view.ids == thing.id], axis=0)
                away = {n: np.linalg.norm(middle / middle.sum() - hue) for n, hue in hues.items()}
                right.append(min(away, key=away.__getitem__) == thing.colour)
    assert len(right) > 30
    assert np.mean(right) > 0.9


def test_the_same_scene_gives_the_same_picture_whatever_came_before(renderer):
    first, other = make_scene(scene_seed("train", 3)), make_scene(scene_seed("train", 4))
    before = renderer.render(first)
    renderer.render(other)
    after = renderer.render(first)
    assert np.array_equal(before.ids, after.ids)
    assert np.array_equal(before.image, after.image)


def test_a_wider_picture_shows_the_same_things_at_the_same_height():
    scene = make_scene(scene_seed("val", 1))
    wide, square = Renderer(320, 160), Renderer(160, 160)
    a, b = wide.render(scene), square.render(scene)
    wide.close()
    square.close()
    assert a.image.shape == (160, 320, 3)
    assert a.boxes - [80, 0, 80, 0] == pytest.approx(b.boxes, abs=1.01)


def test_light_casts_shadows(renderer):
    """Taking the things away brightens floor that no mask covers."""
    brighter = 0
    for index in range(4):
        scene = make_scene(scene_seed("val", index))
        full = renderer.render(scene)
        speck = dataclasses.replace(scene.things[0], size=0.01)
        empty = renderer.render(alone(scene, speck))
        change = empty.image.mean(axis=2) - full.image.mean(axis=2)
        brighter += np.count_nonzero((change > 8) & (full.ids == 0))
    assert brighter > 1500


def test_every_category_can_be_drawn(renderer):
    scene = make_scene(scene_seed("train", 0))
    for category in CATEGORIES:
        thing = dataclasses.replace(scene.things[0], category=category.name)
        view = renderer.render(alone(scene, thing))
        assert (view.ids == thing.id).sum() > 200, category.name


def test_a_missing_package_is_named_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvista", None)
    with pytest.raises(MissingExtraError) as caught:
        Renderer()
    assert "openseg[world]" in str(caught.value)
    assert "\n" not in str(caught.value)
