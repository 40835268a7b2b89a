"""A few stills of the mini rooms, rendered once."""

from __future__ import annotations

from pathlib import Path

import pytest

from openseg.mini.recipes.stills import Stills


@pytest.fixture(scope="session")
def room_shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three training stills, one of `val` and two with held-out pairs."""
    pytest.importorskip("pyvista")
    from openseg.mini.rooms.render import Renderer
    from openseg.mini.rooms.shards import ShardJob, write_shard

    root = tmp_path_factory.mktemp("shards")
    renderer = Renderer(256, 256)
    for split, count in (("train", 3), ("val", 1), ("test_unseen", 2)):
        write_shard(ShardJob(split, 0, count, root), renderer)
    return root


@pytest.fixture(scope="session")
def train_stills(room_shards: Path) -> Stills:
    return Stills(room_shards, "train")


@pytest.fixture(scope="session")
def unseen_stills(room_shards: Path) -> Stills:
    return Stills(room_shards, "test_unseen")
