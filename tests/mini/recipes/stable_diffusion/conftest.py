"""The stored scenes as shards on disk, every one in both splits that training reads."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def shards(held_out_scenes, tmp_path_factory) -> Path:
    """A folder with a `train` and a `val` split of the six stored scenes."""
    root = tmp_path_factory.mktemp("shards")
    for split in ("train", "val"):
        (root / split).mkdir()
        np.save(root / split / "images_000.npy", np.stack([s.image for s in held_out_scenes]))
        np.save(root / split / "ids_000.npy", np.stack([s.ids for s in held_out_scenes]))
        lines = [json.dumps({"objects": [asdict(o) for o in s.objects]}) for s in held_out_scenes]
        (root / split / "objects_000.jsonl").write_text("\n".join(lines))
    return root
