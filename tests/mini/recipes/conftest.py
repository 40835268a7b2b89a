"""Six held-out scenes of the first world, kept as pictures so that no renderer is needed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from openseg.mini.recipes.data import Scene, SceneObject

FOLDER = Path(__file__).parents[2] / "data" / "mini" / "scenes"


@pytest.fixture(scope="session")
def held_out_scenes() -> list[Scene]:
    """Three scenes of each test split, read from the stored pictures."""
    scenes = []
    for line in (FOLDER / "objects.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        objects = tuple(
            SceneObject(o["id"], o["category"], o["colour"], tuple(o["box"]), o["visible"])
            for o in row["objects"]
        )
        image = np.array(Image.open(FOLDER / f"{row['name']}.jpg"))
        ids = np.array(Image.open(FOLDER / f"{row['name']}.png"))
        scenes.append(Scene(image, ids, objects))
    return scenes
