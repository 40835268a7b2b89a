"""Makes the pictures of `pipelines/README.md`, one a method: `python -m tests.pictures [NAME ...]`.

Methods that have no mini weights have none: what a random network finds shows nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import PIL.Image

import openseg
from openseg.api.scenes.inputs import takes_scenes
from openseg.graph.graph import Graph
from openseg.graph.loader import load, missing_weights, pipeline_names
from openseg.models.store import ModelStore
from openseg.types import Instances3D, Points, Templates, TextQuery

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "openseg" / "mini" / "samples" / "room.jpg"
WORLD = ROOT / "runs" / "pictures-world"
FOLDER = ROOT / "docs" / "images" / "methods"
WIDTH = 420

SENTENCE = "the red hat; the purple ball; the blue chair"
VOCABULARY = "lamp; hat; ball; chair; table; cup; wall; floor"
EVERY_PIXEL = {"maskclip", "reco", "pooled_clip", "ours_labels"}
IN_SPACE = "ladder; refrigerator; cabinet; window; speaker; sign; broom; clock"
MIDDLE_OF_HAT = (345, 325)
LOOKED_FOR = 3
"""Things of which a picture is shown."""


def main(asked: list[str]) -> None:
    """Makes the pictures of these methods, or of all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    models = ModelStore()
    for name in asked or pipeline_names():
        graph = load(name, models)
        given = asks(name, graph)
        if missing_weights(graph, models) or not given:
            continue
        result = openseg.load(name)(**given)
        picture = result.overlay().convert("RGB")
        size = (WIDTH, round(picture.height * WIDTH / picture.width))
        small = picture.resize(size, PIL.Image.Resampling.LANCZOS)
        small.save(FOLDER / f"{name}.jpg", quality=85, optimize=True)
        print(f"{name}: {len(result)} regions")  # noqa: T201


def asks(name: str, graph: Graph) -> dict[str, Any]:
    """What a method is shown: the sample, or a mini scene where it wants a scene or pictures."""
    kinds = set(graph.inputs.values())
    if takes_scenes(graph):  # labelled points and given objects are files of the user's
        return {} if Instances3D in kinds else {"scene": room(), "text": IN_SPACE}
    if Templates in kinds and Points not in kinds:
        image, support = table()
        named = {"text": "; ".join(name for *_, name in support)} if TextQuery in kinds else {}
        return {"image": image, "support": support, **named}
    if TextQuery not in kinds:
        return {"image": SAMPLE, "points": [MIDDLE_OF_HAT]}
    return {"image": SAMPLE, "text": VOCABULARY if name in EVERY_PIXEL else SENTENCE}


@cache
def made(kind: str) -> Path:
    """A scene of the mini world's val split."""
    folder = WORLD / kind
    command = ["world", "make", kind, "--split", "val", "--n", "1", "--out", str(folder)]
    subprocess.run([sys.executable, "-m", "openseg.cli", *command], check=True)
    return folder


def room() -> Path:
    """A furnished room that was walked through."""
    return next((made("rooms") / "scans").iterdir())


def table() -> tuple[Path, list[tuple[Path, Path, str]]]:
    """Things on a table, and some of them as they look from elsewhere, each with its mask."""
    scene = made("bop") / "test" / "000001"
    there, *_, here = sorted((scene / "rgb").iterdir())
    truth = json.loads((scene / "scene_gt.json").read_text("utf-8"))[str(int(there.stem))]
    masks = [scene / "mask_visib" / f"{there.stem}_{row:06d}.png" for row in range(len(truth))]
    return here, [
        (there, mask, f"object {one['obj_id']}")
        for mask, one in list(zip(masks, truth, strict=True))[:LOOKED_FOR]
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
