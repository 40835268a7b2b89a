"""Pictures to measure on: the sample picture, each with noise of its own.

No two are equal, so that nothing that remembers a picture can answer for the next one.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image


def pictures(folder: Path, count: int, size: tuple[int, int], first: int = 0) -> list[Path]:
    """Writes pictures as PNG.

    Args:
        folder: Where to; made if missing. A picture that is there already is not written again.
        count: How many.
        size: Height and width.
        first: Number of the first, which chooses its noise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(str(files("openseg") / "mini" / "samples" / "room.jpg")) as sample:
        clean = np.asarray(sample.convert("RGB").resize(size[::-1]), dtype=np.int16)
    paths = [folder / f"{number:06d}.png" for number in range(first, first + count)]
    for number, path in enumerate(paths, first):
        if not path.exists():
            noise = np.random.default_rng(number).integers(-2, 3, clean.shape, dtype=np.int16)
            Image.fromarray((clean + noise).clip(0, 255).astype(np.uint8)).save(path)
    return paths
