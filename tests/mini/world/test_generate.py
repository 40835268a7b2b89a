"""A seed gives one scene, and a scene keeps the world's rules."""

import subprocess
import sys

import numpy as np
import pytest

from openseg.mini.world import SPLITS, make_scene, scene_seed
from openseg.mini.world.mesh import merge
from openseg.mini.world.shapes import build
from openseg.mini.world.view import project

SCENES = [make_scene(scene_seed(split, index)) for split in SPLITS for index in range(60)]


def test_the_same_seed_gives_the_same_scene_in_another_process():
    code = (
        "from openseg.mini.world import make_scene, scene_seed;"
        "print([make_scene(scene_seed('val', i)) for i in range(5)])"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == repr([make_scene(scene_seed("val", i)) for i in range(5)])


def test_describing_a_scene_needs_no_renderer():
    code = (
        "import sys; sys.modules['pyvista'] = sys.modules['vtkmodules'] = None;"
        "from openseg.mini.world import make_scene; make_scene(0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_scenes_differ():
    assert len({repr(scene.things) for scene in SCENES}) == len(SCENES)


def test_scenes_hold_three_to_seven_distinct_things_with_ids_from_one():
    for scene in SCENES:
        assert 3 <= len(scene.things) <= 7
        assert [t.id for t in scene.things] == list(range(1, len(scene.things) + 1))
        assert len({(t.colour, t.category) for t in scene.things}) == len(scene.things)


@pytest.mark.parametrize("word", ["category", "colour"])
def test_words_that_need_the_other_word_are_common(word):
    """In at least half the scenes the category, or the colour, alone would be ambiguous."""
    shared = [len({getattr(t, word) for t in s.things}) < len(s.things) for s in SCENES]
    assert np.mean(shared) >= 0.5


def test_things_do_not_run_into_each_other():
    for scene in SCENES:
        circles = []
        for thing in scene.things:
            points = merge([p.mesh for p in build(thing)]).points[:, :2]
            at = np.array(thing.position[:2])
            circles.append((at, np.linalg.norm(points - at, axis=1).max()))
        for i, (at, radius) in enumerate(circles):
            for other, reach in circles[:i]:
                # Circles from sampled surfaces: corners may stick out by a centimetre or two.
                assert np.linalg.norm(at - other) > radius + reach - 0.05


def test_all_things_lie_in_the_picture_and_between_walls_and_table_edges():
    for scene in SCENES:
        for thing in scene.things:
            points = merge([p.mesh for p in build(thing)]).points
            where, depth = project(scene.camera, points)
            assert depth.min() > 0
            # Placed by points on surfaces, so the tip of a corner may be cut by a pixel.
            assert where.min() >= -1 / 256
            assert where.max() <= 1 + 1 / 256
            assert points[:, :2].min() > -scene.room.wall
            assert np.all(np.abs(points[:, :2]) <= scene.room.extent)


def test_a_seed_of_no_split_is_refused():
    with pytest.raises(ValueError, match="no split"):
        make_scene(-5)
