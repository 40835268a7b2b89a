"""A few stills of the mini rooms, rendered once, as the shards that training reads."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shards(tmp_path_factory) -> Path:
    """A folder with five training stills and two of the split with held-out pairs, and `val`."""
    pytest.importorskip("pyvista")
    from openseg.mini.rooms.render import Renderer
    from openseg.mini.rooms.shards import ShardJob, write_shard

    root = tmp_path_factory.mktemp("shards")
    renderer = Renderer(256, 256)
    for split, count in (("train", 5), ("val", 1), ("test_unseen", 2)):
        write_shard(ShardJob(split, 0, count, root), renderer)
    return root
