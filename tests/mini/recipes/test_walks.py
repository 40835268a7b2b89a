"""Walks are rendered once and read like stills."""

import pytest

from openseg.mini.recipes import walks
from openseg.mini.recipes.stills import Stills
from openseg.mini.rooms.render import Renderer
from openseg.mini.rooms.splits import split_of


@pytest.fixture(scope="module")
def renderer():
    made = Renderer(walks.WIDTH, walks.HEIGHT)
    yield made
    made.close()


def test_a_walk_is_written_once_and_its_maps_agree(tmp_path, renderer, monkeypatch):
    monkeypatch.setattr(walks, "VIEWS", 2)
    walk = walks.Walk("val", 3, tmp_path)
    walks.write_walk(walk, renderer)
    views = Stills(tmp_path, "val")
    assert len(views) == 2
    assert views[0].image.shape == (240, 320, 3)
    assert views[0].record.seed == views[1].record.seed
    assert split_of(views[0].record.seed) == "val"
    for view in views:
        assert all(view.mask(seen).sum() == seen.pixels for seen in view.things)
    before = walk.path("images", "npy").stat().st_mtime_ns
    walks.write_walks([walk])
    assert walk.path("images", "npy").stat().st_mtime_ns == before
