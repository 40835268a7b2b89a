"""Stored stills and views of a room, as the shards that the recipes read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from openseg.mini.recipes.stills import Still, Stills

FOLDER = Path(__file__).parents[1] / "data" / "mini" / "stills"


def write_shard(name: str, folder: Path) -> None:
    """Write stored pictures as shard 0 of a folder."""
    folder.mkdir(parents=True)
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8")
    for kind, ending in (("images", ".jpg"), ("ids", "_ids.png"), ("parts", "_parts.png")):
        files = [FOLDER / f"{name}_{k}{ending}" for k in range(len(lines.splitlines()))]
        np.save(folder / f"{kind}_000.npy", np.stack([np.array(Image.open(f)) for f in files]))
    (folder / "things_000.jsonl").write_text(lines, "utf-8")


@pytest.fixture(scope="session")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of rendered splits: the same stills and views in ``train`` and ``val``."""
    root = tmp_path_factory.mktemp("rooms")
    for split in ("train", "val"):
        write_shard("still", root / split)
        write_shard("view", root / "walks" / split)
    return root


@pytest.fixture(scope="session")
def stills(rooms: Path) -> list[Still]:
    """The six stills."""
    return list(Stills(rooms, "train"))


@pytest.fixture(scope="session")
def held_out_stills(tmp_path_factory: pytest.TempPathFactory) -> list[Still]:
    """Three stills of each test split, which the scores of the family leave out."""
    root = tmp_path_factory.mktemp("held_out")
    splits = ("test_seen", "test_unseen")
    for split in splits:
        write_shard(split, root / split)
    return [still for split in splits for still in Stills(root, split)]
