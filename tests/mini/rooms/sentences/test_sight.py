"""A record of a view holds what a loop over its pixels counts."""

import numpy as np
import pytest

from openseg.mini.rooms.layout import make_still
from openseg.mini.rooms.sentences import balanced, sentences, sight_of
from openseg.mini.rooms.splits import scene_seed
from tests.mini.rooms.sentences.scenes import sight


def test_a_view_is_counted_pixel_by_pixel():
    pytest.importorskip("pyvista")
    from openseg.mini.rooms.render import Renderer

    still = make_still(scene_seed("train", 2))
    renderer = Renderer(96, 96)
    view = renderer.render(still)
    renderer.close()
    record = sight_of(still, view)
    assert record.camera == view.camera
    seen = {s.id: s for s in record.things}
    assert list(seen) == sorted(set(view.ids.ravel().tolist()) & {t.id for t in still.things})
    for id_, one in seen.items():
        y, x = np.nonzero(view.ids == id_)
        assert one.box == (x.min(), y.min(), x.max() + 1, y.max() + 1)
        names = still.thing(id_).kind.parts
        count = [((view.ids == id_) & (view.parts == k + 1)).sum() for k in range(len(names))]
        assert list(one.part_pixels) == count
        assert one.pixels == len(x)
        assert one.visible == pytest.approx(float(view.visible[id_ - 1]))


def test_drawing_from_a_pool_is_balanced_over_constructions():
    pool = []
    for k in range(20):
        still = make_still(scene_seed("train", 1700 + k))
        pool += sentences(still, sight(still), np.random.default_rng(k), each=4)
    drawn = balanced(pool, np.random.default_rng(0), 80)
    assert len({id(s) for s in drawn}) == 80
    counts = [sum(s.construction == name for s in drawn) for name in {s.construction for s in pool}]
    assert max(counts) - min(counts) <= 1
    assert len(balanced(pool[:5], np.random.default_rng(0), 9)) == 5
