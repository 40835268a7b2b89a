"""Write the mini archive: stills of the training split as pictures, without what is in them.

``python -m openseg.mini.recipes.image_archive --data FOLDER --out FOLDER``
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from openseg.mini.recipes.stills import Stills

PICTURES = 300
QUALITY = 80
"""Of the JPEG files."""


def write_archive(data: Path, out: Path, count: int = PICTURES) -> None:
    """Write the first stills of ``train``; no test picture is among them.

    Args:
        data: folder of the rendered splits.
        out: folder of the pictures.
        count: how many.

    Raises:
        UserError: the split has no stills.
    """
    out.mkdir(parents=True, exist_ok=True)
    for number, still in enumerate(Stills(data, "train").first(count)):
        Image.fromarray(still.image).save(out / f"{number:04d}.jpg", quality=QUALITY)


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=write_archive.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the rendered splits")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--count", type=int, default=PICTURES)
    given = parser.parse_args()
    write_archive(given.data, given.out, given.count)


if __name__ == "__main__":
    main()
